//! Trial.
fn main() -> std::process::ExitCode {
    if let Some(code) = judge::backstage() {
        return code;
    }
    let mut args = std::env::args_os().skip(1);
    let name = args.next().unwrap();
    let exercise = judge::exercises().find(|e| *e.name == *name).unwrap();
    let order = judge::Order {
        exercise,
        command: args.collect(),
        seed: 4711,
        hidden: vec!["/work/scratch/wt-ex/tests".into()],
    };
    let verdict = order.carry_out(|line| print!("{line}")).unwrap();
    println!(
        "{} {}/{} {:?}",
        verdict.word, verdict.passed, verdict.steps, verdict.took
    );
    std::process::ExitCode::SUCCESS
}
