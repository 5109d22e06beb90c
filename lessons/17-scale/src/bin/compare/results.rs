//! Help for lesson 17: what was measured, kept as CSV, read again.

use std::io;

/// What each run gives, in the order of the file's columns.
pub const NUMBERS: [&str; 11] = [
    "connected",
    "served",
    "connect_s",
    "per_second",
    "unanswered",
    "p50_us",
    "p99_us",
    "p999_us",
    "longest_us",
    "cpu_us",
    "kib",
];

/// What was run: which server, and how: closed loop, open loop, beside idle clients, or
/// free, which is a closed loop that is not bound to processors.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub server: String,
    pub kind: String,
    pub busy: usize,
    pub idle: usize,
}

impl Run {
    pub fn new(server: &str, kind: &str, busy: usize, idle: usize) -> Self {
        let (server, kind) = (server.to_string(), kind.to_string());
        Self {
            server,
            kind,
            busy,
            idle,
        }
    }
}

#[derive(Debug, Default)]
pub struct Results {
    pub remark: String,
    rows: Vec<(Run, Vec<f64>)>,
}

impl Results {
    pub fn new(remark: String) -> Self {
        let rows = Vec::new();
        Self { remark, rows }
    }

    pub fn add(&mut self, run: Run, numbers: Vec<f64>) {
        self.rows.push((run, numbers));
    }

    pub fn to_csv(&self) -> String {
        let mut csv = format!("# {}\nserver,kind,busy,idle", self.remark);
        NUMBERS.iter().for_each(|name| csv.extend([",", name]));
        for (run, numbers) in &self.rows {
            let (server, kind) = (&run.server, &run.kind);
            csv.push_str(&format!("\n{server},{kind},{},{}", run.busy, run.idle));
            numbers
                .iter()
                .for_each(|number| csv.push_str(&format!(",{number}")));
        }
        csv + "\n"
    }

    pub fn from_csv(text: &str) -> io::Result<Self> {
        let mut lines = text.lines();
        let remark = lines
            .next()
            .unwrap_or_default()
            .trim_start_matches("# ")
            .to_string();
        let mut results = Self {
            remark,
            rows: Vec::new(),
        };
        for line in lines.skip(1) {
            let row = parse(line);
            let row =
                row.ok_or_else(|| io::Error::other(format!("no result: {line}")))?;
            results.rows.push(row);
        }
        Ok(results)
    }

    /// The middle one of all rounds: one that was disturbed does not move it.
    pub fn median(&self, run: &Run, number: &str) -> Option<f64> {
        let all = self.sorted(run, number);
        all.get(all.len() / 2).copied()
    }

    pub fn sorted(&self, run: &Run, number: &str) -> Vec<f64> {
        let column = NUMBERS.iter().position(|name| *name == number);
        let of_run = self.rows.iter().filter(|(known, _)| known == run);
        let mut all: Vec<f64> = of_run
            .filter_map(|(_, numbers)| numbers.get(column?).copied())
            .collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// The servers in the order in which they were measured.
    pub fn servers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (run, _) in &self.rows {
            if !names.contains(&run.server.as_str()) {
                names.push(&run.server);
            }
        }
        names
    }

    /// With how many clients there was a run of this kind.
    pub fn steps(&self, kind: &str) -> Vec<(usize, usize)> {
        let of_kind = self.rows.iter().filter(|(run, _)| run.kind == kind);
        let mut steps: Vec<_> = of_kind.map(|(run, _)| (run.busy, run.idle)).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}

fn parse(line: &str) -> Option<(Run, Vec<f64>)> {
    let mut cells = line.split(',');
    let (server, kind) = (cells.next()?, cells.next()?);
    let (busy, idle) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
    let numbers = cells
        .map(|cell| cell.parse().ok())
        .collect::<Option<Vec<_>>>()?;
    let whole = numbers.len() == NUMBERS.len();
    whole.then_some((Run::new(server, kind, busy, idle), numbers))
}
