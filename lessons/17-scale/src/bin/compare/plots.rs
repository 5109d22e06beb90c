//! Help for lesson 17: the plots, by the crate plotters: SVG is text, and every browser
//! shows it.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::program::results::{Results, Run};

/// All colours are those of the page that the plot stands in; alone, those of the system. Lines
/// differ by colour and by dashes.
const STYLE: &str = "<style>\
    .plot { max-width: 100%; height: auto; color-scheme: light dark; \
    --ink: var(--fg, CanvasText); --one: var(--links, LinkText); \
    --two: color-mix(in srgb, var(--warning-border, VisitedText) 75%, var(--ink)); } \
    .plot .paper { fill: var(--bg, Canvas); } \
    .plot text { fill: var(--ink); } \
    .plot .axis { stroke: var(--ink); } \
    .plot .grid { stroke: var(--ink); stroke-opacity: 0.1; } \
    .plot .line0, .plot .line3, .plot .line6 { stroke: var(--ink); } \
    .plot .line1, .plot .line4, .plot .line7 { stroke: var(--one); } \
    .plot .line2, .plot .line5, .plot .line8 { stroke: var(--two); } \
    .plot .line3, .plot .line4, .plot .line5 { stroke-dasharray: 7 3; } \
    .plot .line6, .plot .line7, .plot .line8 { stroke-dasharray: 2 3; } \
    .plot .dot0, .plot .dot3, .plot .dot6 { fill: var(--ink); } \
    .plot .dot1, .plot .dot4, .plot .dot7 { fill: var(--one); } \
    .plot .dot2, .plot .dot5, .plot .dot8 { fill: var(--two); }\
    </style>";

/// So many lines have a look of their own.
const LOOKS: usize = 9;

const GRID: RGBColor = RGBColor(1, 0, 0);

type Points = Vec<(f64, f64)>;

const CLIENTS: &str = "clients";
const IDLE: &str = "10 clients that talk, and idle ones: all together";
const PLOTS: [(&str, &str, &str, &str, &str, f64); 4] = [
    (
        "throughput",
        "messages per second",
        CLIENTS,
        "closed",
        "per_second",
        1.0,
    ),
    (
        "latency",
        "99 % are answered within: ms",
        CLIENTS,
        "open",
        "p99_us",
        0.001,
    ),
    (
        "memory",
        "memory for each client: KiB",
        CLIENTS,
        "closed",
        "kib",
        1.0,
    ),
    (
        "idle",
        "messages per second",
        IDLE,
        "idle",
        "per_second",
        1.0,
    ),
];

/// Draws all plots into a folder.
pub fn draw(results: &Results, folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for (file, title, across, kind, number, factor) in PLOTS {
        let lines = lines(results, kind, number, factor);
        if lines.iter().all(|(_, points)| points.is_empty()) {
            continue; // nothing of this kind was measured
        }
        files.push(folder.join(file).with_extension("svg"));
        plot(&files[files.len() - 1], title, across, &lines)?;
    }
    Ok(files)
}

/// A line for each server. Where it did not serve all clients, there is no point.
fn lines(
    results: &Results,
    kind: &str,
    number: &str,
    factor: f64,
) -> Vec<(String, Points)> {
    let mut lines = Vec::new();
    // Designs in another language are for the table: `epoll in C`.
    let shown = |server: &&str| !server.contains(" in ");
    for server in results.servers().into_iter().filter(shown) {
        let mut points = Points::new();
        for (busy, idle) in results.steps(kind) {
            let run = Run::new(server, kind, busy, idle);
            let all = (busy + idle) as f64;
            let served = results.median(&run, "served").unwrap_or_default();
            // Memory comes in pages. Of few clients, a page more or less says nothing.
            let enough = served == all && (number != "kib" || busy >= 100);
            let value = results.median(&run, number).filter(|_| enough);
            points.extend(value.map(|value| (all, (value * factor).max(0.01))));
        }
        lines.push((server.to_string(), points));
    }
    lines
}

fn plot(
    file: &Path,
    title: &str,
    across: &str,
    lines: &[(String, Points)],
) -> Result<(), Box<dyn Error>> {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let [left, right] = range(points().map(|point| point.0));
    let [bottom, top] = range(points().map(|point| point.1));
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (760, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let (area, legend) = root.split_horizontally(590);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 19))
        .margin(12)
        .x_label_area_size(45)
        .y_label_area_size(70)
        // Each step of both axes is a factor of ten.
        .build_cartesian_2d(
            (left..right * 1.1).log_scale(),
            (bottom * 0.7..top * 1.4).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(across)
        .x_label_formatter(&f64::to_string)
        .y_label_formatter(&f64::to_string)
        .light_line_style(GRID)
        .label_style(("sans-serif", 15))
        .axis_desc_style(("sans-serif", 16))
        .draw()?;
    // A server has the same look in each plot, whoever stands beside it.
    let looks = (0..LOOKS).cycle().zip(lines);
    let shown = looks.filter(|(_, (_, points))| !points.is_empty());
    for (place, (look, (server, points))) in shown.enumerate() {
        let style = colour_of(look).stroke_width(2);
        chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        let dot = |point: &(f64, f64)| Circle::new(*point, 3, colour_of(look).filled());
        chart.draw_series(points.iter().map(dot))?;
        name(&legend, place, look, server)?;
    }
    root.present()?;
    drop((chart, legend, area, root)); // they write into the text
    let label = format!("{title}, {across}");
    Ok(fs::write(file, themed(&svg, &label))?)
}

/// The least and the greatest of these.
fn range(numbers: impl Iterator<Item = f64>) -> [f64; 2] {
    numbers.fold([f64::MAX, 0.0], |[least, greatest], number| {
        [least.min(number), greatest.max(number)]
    })
}

/// A line's look and name, at the right.
fn name(
    legend: &DrawingArea<SVGBackend<'_>, Shift>,
    place: usize,
    look: usize,
    server: &str,
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    let height = 50 + 24 * place as i32;
    let style = colour_of(look).stroke_width(2);
    legend.draw(&PathElement::new([(0, height), (24, height)], style))?;
    let text = Text::new(server, (30, height - 8), ("sans-serif", 16));
    legend.draw(&text)
}

/// plotters writes colours and no classes: each of these stands for a class.
fn colour_of(look: usize) -> RGBColor {
    RGBColor(0, 0, 1 + look as u8)
}

/// The plot with classes in place of colours, and with its style.
fn themed(svg: &str, label: &str) -> String {
    let mut classes = vec![
        ("fill", "#FFFFFF".to_string(), "paper".to_string()),
        ("fill", "#000000".to_string(), "ink".to_string()),
        ("stroke", "#000000".to_string(), "axis".to_string()),
        ("stroke", "#010000".to_string(), "grid".to_string()),
    ];
    for look in 0..LOOKS {
        let colour = format!("#0000{:02X}", colour_of(look).2);
        classes.push(("stroke", colour.clone(), format!("line{look}")));
        classes.push(("fill", colour, format!("dot{look}")));
    }
    let mut svg = svg.to_string();
    for (attribute, colour, class) in classes {
        let colour = format!("{attribute}=\"{colour}\"");
        svg = svg.replace(&colour, &format!("class=\"{class}\""));
    }
    let start = format!("<svg class=\"plot\" role=\"img\" aria-label=\"{label}\" ");
    let svg = svg.replacen("<svg ", &start, 1);
    svg.replacen('\n', &format!("\n{STYLE}\n"), 1)
}
