//! Measures the cost of reading mails: each hostile kind is read in a process of its own, which prints the time and the
//! memory beyond the mail itself. Exits with 1 if a mail exceeds the budget, which is for release builds.
//!
//!     cargo run --release -p ansvar-tests --bin mails            # every kind, at 100 KB, 1 MiB and 30 MiB
//!     cargo run --release -p ansvar-tests --bin mails -- "NULs"  # one kind

#![expect(clippy::unwrap_used, reason = "it measures and says so; what it cannot do ends it")]

use std::process::{Command, ExitCode};
use std::time::Instant;

use ansvar::mail::ParsedEmail;
use ansvar_tests::hostile::KINDS;

/// The sizes of the mails, in bytes.
const SIZES: [usize; 3] = [100_000, 1024 * 1024, 30 * 1024 * 1024 - 2_000];
/// The most kilobytes that reading one mail may take beyond its own size.
const MEMORY: u64 = 64_000;
/// The seconds that a mail of any size may take, in addition to one second for each megabyte.
const LEAST: f64 = 0.05;

#[expect(clippy::print_stdout, reason = "it is a tool that prints a table")]
fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, kind, size] = asked.as_slice()
        && flag == "--one"
    {
        let (seconds, memory, left) = one(kind, size.parse().unwrap());
        println!("{seconds:.4} {memory} {left}");
        return ExitCode::SUCCESS;
    }
    let mut over = 0;
    println!("{:<44} {:>9} {:>9} {:>9} {:>9}", "kind", "bytes", "seconds", "KB more", "KB left");
    for (kind, _) in KINDS.iter().filter(|(kind, _)| asked.is_empty() || asked.iter().any(|asked| asked == kind)) {
        for size in SIZES {
            let own = std::env::current_exe().unwrap();
            let out = Command::new(own).args(["--one", kind, &size.to_string()]).output().unwrap();
            let out = String::from_utf8(out.stdout).unwrap();
            let mut told = out.split_whitespace();
            let mut next = || told.next().and_then(|word| word.parse::<f64>().ok());
            let (Some(seconds), Some(memory), Some(left)) = (next(), next(), next()) else {
                println!("{kind:<44} {size:>9} ended without an answer");
                over += 1;
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "it is shown with a few digits")]
            let slow = seconds > LEAST + size as f64 / 1e6;
            #[expect(clippy::cast_precision_loss, reason = "it is shown with a few digits")]
            let large = memory > MEMORY as f64;
            let mark = if slow || large { "  OVER" } else { "" };
            over += u32::from(slow || large);
            println!("{kind:<44} {size:>9} {seconds:>9.3} {memory:>9.0} {left:>9.0}{mark}");
        }
    }
    println!("{over} over the budget of {MEMORY} KB and a second for each MB");
    if over == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads one mail; returns the seconds, the KB of memory at most, and the KB left after the mail was dropped.
fn one(kind: &str, size: usize) -> (f64, u64, u64) {
    // Initialises what is made once in a process: expressions, tables.
    for (_, make) in KINDS {
        drop(ParsedEmail::read(&make(3_000)));
    }
    let (_, make) = KINDS.iter().find(|(known, _)| *known == kind).unwrap();
    let raw = make(size);
    // Resets the peak of memory (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = kilobytes("VmRSS");
    let began = Instant::now();
    let read = ParsedEmail::read(&raw);
    let seconds = began.elapsed().as_secs_f64();
    let most = kilobytes("VmHWM").saturating_sub(before);
    drop(read);
    (seconds, most, kilobytes("VmRSS").saturating_sub(before))
}

fn kilobytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
