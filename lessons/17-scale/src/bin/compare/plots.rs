//! Help for lesson 17: the plots, by the crate plotters: SVG is text, and every browser
//! shows it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use plotters::prelude::*;

use crate::program::results::{Results, Run};

/// The colours of the page that the plot stands in, where it has such; what plotters has
/// written is the default of a plot that stands alone.
const STYLE: &str = "<style>\
    .plot { max-width: 100%; height: auto; } \
    .plot text { fill: var(--fg, #000); } \
    .plot [fill=\"#FFFFFF\"] { fill: var(--bg, #fff); } \
    .plot [stroke=\"#000000\"] { stroke: var(--fg, #000); } \
    .plot [stroke=\"#EBEBEB\"] { stroke: var(--table-border-color, #ebebeb); }\
    </style>";

type Points = Vec<(f64, f64)>;

const COLOURS: [u32; 9] = [
    0x787878, 0xd62728, 0xff9832, 0x8c564b, 0xbca014, 0x1f77b4, 0x2c963c, 0x9467bd,
    0xe377c2,
];

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
    let all = || lines.iter().flat_map(|(_, points)| points);
    let left = all().map(|point| point.0).fold(f64::MAX, f64::min);
    let right = all().map(|point| point.0).fold(0.0, f64::max);
    let bottom = all().map(|point| point.1).fold(f64::MAX, f64::min);
    let top = all().map(|point| point.1).fold(0.0, f64::max);
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (760, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let (area, legend) = root.split_horizontally(590);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
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
        .light_line_style(RGBColor(235, 235, 235))
        .draw()?;
    let mut height = 50;
    let coloured = lines.iter().zip(COLOURS.into_iter().cycle());
    for ((server, points), colour) in coloured.filter(|(line, _)| !line.1.is_empty()) {
        let [_, red, green, blue] = colour.to_be_bytes();
        let colour = RGBColor(red, green, blue);
        let style = colour.stroke_width(2);
        chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        let dots = points
            .iter()
            .map(|point| Circle::new(*point, 3, colour.filled()));
        chart.draw_series(dots)?;
        legend.draw(&PathElement::new([(0, height), (24, height)], style))?;
        let text = Text::new(server.as_str(), (30, height - 7), ("sans-serif", 14));
        legend.draw(&text)?;
        height += 24;
    }
    root.present()?;
    drop((chart, legend, area, root)); // they write into the text
    let start =
        format!("<svg class=\"plot\" role=\"img\" aria-label=\"{title}, {across}\" ");
    let svg = svg.replacen("<svg ", &start, 1);
    let svg = svg.replacen('\n', &format!("\n{STYLE}\n"), 1);
    Ok(fs::write(file, svg)?)
}
