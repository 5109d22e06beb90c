//! Pictures of real runs: what is kept is what is drawn, what is recorded is what is kept,
//! and a picture cannot lie.

use std::fs;

use trace::check::check;
use trace::comparable::comparable;
use trace::draw::{figure, svg};
use trace::event::{self, Event, Segment, What};
use trace::runs::{self, Run};
use trace::states::States;

mod details;
mod lies;
#[cfg(target_os = "linux")]
mod missing;
#[cfg(target_os = "linux")]
mod recordings;

/// The most that a picture may weigh.
const BYTES: usize = 15_000;

fn kept(run: &Run) -> Vec<Event> {
    let [data, _] = run.files();
    let text = fs::read_to_string(tests::root().join(&data));
    let text = text.unwrap_or_else(|error| panic!("{data}: {error}"));
    event::read(&text).unwrap_or_else(|error| panic!("{data}: {error}"))
}

#[test]
fn every_figure_is_drawn_from_its_data() {
    for run in runs::all() {
        let [_, html] = run.files();
        let drawn = figure(&run.picture(), &kept(run));
        let file = tests::root().join(&html);
        if std::env::var("TRANSCRIPTS").is_ok_and(|value| value == "write") {
            fs::write(file, drawn).expect("the figure");
            continue;
        }
        let shown = fs::read_to_string(file).unwrap_or_default();
        assert!(
            shown == drawn,
            "{html} is not drawn from its data \
             (TRANSCRIPTS=write cargo test -p tests --test trace draws it anew)"
        );
    }
}

#[test]
fn every_kept_recording_agrees_with_itself_and_the_kernel() {
    for run in runs::all() {
        let events = kept(run);
        check(&events).unwrap_or_else(|lie| panic!("{}: {lie}", run.name));
        let is = |what: &What| events.iter().any(|event| event.what == *what);
        assert!(is(&What::Begins), "{}: where does it begin?", run.name);
        assert!(is(&What::Stops), "{}: where does it end?", run.name);
    }
}

#[test]
fn an_event_is_the_same_after_a_journey_through_json() {
    for run in runs::all() {
        let events = kept(run);
        let again = event::read(&event::write(&events));
        assert_eq!(again.as_deref(), Ok(events.as_slice()), "{}", run.name);
    }
}

#[test]
fn a_figure_is_small_and_has_no_blank_line_no_script_no_colour_and_its_own_ids() {
    for run in runs::all() {
        let (picture, events) = (run.picture(), kept(run));
        let name = run.name;
        let svg = svg(&picture, &events);
        assert!(svg.len() <= BYTES, "{name}: {} bytes", svg.len());
        let figure = figure(&picture, &events);
        // A blank line would end the block of HTML in Markdown.
        assert!(figure.lines().all(|line| !line.trim().is_empty()), "{name}");
        for wrong in ["<script", "style=", "href", "#fff", "rgb(", "{{"] {
            assert!(!figure.contains(wrong), "{name} has `{wrong}`");
        }
        for id in figure.split(" id=\"").skip(1) {
            assert!(id.starts_with(&picture.name), "{name}: {id:.30}");
        }
        for needed in ["<title", "<desc", "role=\"img\"", "<figcaption>", "<pre>"] {
            assert!(figure.contains(needed), "{name} lacks `{needed}`");
        }
        assert!(
            run.desc.len() > 80 && run.caption.len() > 30,
            "{name}: words"
        );
        assert!((1..=3).contains(&run.lifelines.len()), "{name}");
    }
}

#[test]
fn every_figure_stands_in_its_chapter_and_every_kept_file_is_a_runs() {
    let docs: String = fs::read_dir(tests::root().join("docs"))
        .expect("docs/")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|it| it == "md"))
        .map(|entry| fs::read_to_string(entry.path()).expect("a chapter"))
        .collect();
    let mut files: Vec<String> = Vec::new();
    for run in runs::all() {
        let [data, html] = run.files();
        let include = format!("{{{{#include ../{html}}}}}");
        assert!(docs.contains(&include), "no chapter has {include}");
        files.extend([data, html]);
        let same = runs::all().filter(|other| other.name == run.name);
        assert_eq!(same.count(), 1, "{} is there twice", run.name);
    }
    let lessons = fs::read_dir(tests::root().join("lessons")).expect("lessons/");
    for lesson in lessons.flatten() {
        let Ok(runs) = fs::read_dir(lesson.path().join("runs")) else {
            continue;
        };
        for file in runs.flatten() {
            let path = file.path();
            let path = path.strip_prefix(tests::root()).expect("in the course");
            let path = path.display().to_string();
            assert!(files.contains(&path), "{path} is no run's");
        }
    }
}

/// Its calls are told apart by their descriptors.
#[test]
fn a_program_that_connects_to_itself_has_a_lifeline_for_each_end() {
    let run = runs::find("half-a-question").expect("a run");
    let events = kept(run);
    let sends = |end: &str| {
        let is = |event: &&Event| matches!(&event.what, What::Calls(call) if call.program == end && call.name == "sendto");
        events.iter().filter(is).count()
    };
    assert_eq!((sends("client"), sends("server")), (10, 5));
    let drawn = svg(&run.picture(), &events);
    assert_eq!(drawn.matches("options-nagle-1").count(), 2, "{drawn}");
}

/// Both are acknowledgements without data, and news.
#[test]
fn a_probe_and_a_window_of_0_have_their_names() {
    let drawn = |name: &str| {
        let run = runs::find(name).expect("a run");
        svg(&run.picture(), &kept(run))
    };
    let keepalive = drawn("keepalive");
    assert_eq!(keepalive.matches(">probe<").count(), 1, "{keepalive}");
    assert_eq!(keepalive.matches(">ACK<").count(), 1, "{keepalive}");
    let sleeper = drawn("sleeper");
    assert_eq!(sleeper.matches(">ACK window 0<").count(), 1, "{sleeper}");
    assert_eq!(
        sleeper.matches(">ACK window &gt; 0<").count(),
        1,
        "{sleeper}"
    );
}

/// What a program sent is text for the picture, whatever it looks like.
#[test]
fn data_is_escaped_and_cut() {
    let first = runs::all().next().expect("a run");
    let events = kept(first);
    let mut events: Vec<_> = events
        .into_iter()
        .map(|mut event| {
            if let What::Segment(segment) = &mut event.what {
                segment.data = "<script>{{#include x}}&\"".into();
                segment.length = 24;
            }
            event
        })
        .collect();
    events.retain(|event| !matches!(event.what, What::Stops));
    let drawn = figure(&first.picture(), &events);
    assert!(!drawn.contains("<script"), "{drawn}");
    assert!(!drawn.contains("{{"), "{drawn}");
    assert!(drawn.contains("&lt;script&gt;&#123;&#123;#inc…"), "{drawn}");
}

#[test]
fn times_and_descriptors_are_not_compared_and_calls_and_data_are() {
    let run = runs::all().find(|run| run.name == "second-client");
    let events = kept(run.expect("a run"));
    let mut later = events.clone();
    for event in &mut later {
        event.at = event.at * 2 + 7;
        if let What::Calls(call) = &mut event.what {
            call.descriptor = call.descriptor.map(|number| number + 5);
        }
    }
    // A pure acknowledgement more is no difference.
    let is_ack =
        |event: &&Event| matches!(&event.what, What::Segment(it) if it.is_pure_ack());
    let ack = events.iter().find(is_ack).expect("an ACK").clone();
    later.push(ack);
    assert_eq!(comparable(&events), comparable(&later));
    let without = |wrong: fn(&What) -> bool| {
        let mut other = events.clone();
        let index = other.iter().position(|event| wrong(&event.what));
        other.remove(index.expect("there is one"));
        comparable(&other)
    };
    let same = comparable(&events);
    assert_ne!(same, without(|it| matches!(it, What::Returns { .. })));
    assert_ne!(same, without(|it| matches!(it, What::Types { .. })));
    let data = |it: &What| matches!(it, What::Segment(it) if it.length > 0);
    assert_ne!(same, without(data));
    let fin = |it: &What| matches!(it, What::Segment(it) if it.has('F'));
    assert_ne!(same, without(fin));
}

/// Its program has ended, and its kernel answers without a socket: there is no SYN-RECV.
#[test]
fn who_refuses_a_connection_has_no_state_in_it() {
    let segment = |from: &str, to: &str, flags: &str| {
        let (from, to, flags) = (from.into(), to.into(), flags.into());
        let what = What::Segment(Segment {
            from,
            to,
            flags,
            connection: 1,
            ..Segment::default()
        });
        Event { at: 0, what }
    };
    let states = |answer: &str| {
        let events = [
            segment("client", "server", "S"),
            segment("server", "client", answer),
        ];
        let mut states = States::default();
        let mut shown = Vec::new();
        for event in &events {
            if let What::Segment(segment) = &event.what {
                shown.extend(states.pass(segment));
            }
        }
        shown
            .into_iter()
            .filter(|(program, _)| program == "server")
            .count()
    };
    assert_eq!(states("R."), 0);
    assert!(states("S.") > 0);
}

/// A busy machine sends again what it takes for lost.
#[test]
fn what_is_sent_twice_is_compared_once_and_is_no_lie() {
    let run = runs::all().find(|run| run.name == "second-client");
    let events = kept(run.expect("a run"));
    let is_data = |it: &Event| matches!(&it.what, What::Segment(it) if it.length > 0);
    let is_fin = |it: &Event| matches!(&it.what, What::Segment(it) if it.has('F'));
    for is in [is_data, is_fin] {
        let mut twice = events.clone();
        let index = twice.iter().position(is).expect("there is one");
        twice.insert(index, events[index].clone());
        assert_eq!(comparable(&events), comparable(&twice));
        check(&twice).unwrap_or_else(|lie| panic!("{lie}"));
    }
}
