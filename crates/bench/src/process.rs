//! What `/proc` says of a process: its CPU, its memory, its children. And signals to what we started.

use anyhow::{Context as _, Result, anyhow};
use rustix::process::{Pid, Signal};

/// Numbers of one line of `/proc/<pid>/stat`.
struct Stat {
    parent: u32,
    ticks: u64,
    reaped: u64,
}

fn stat(pid: u32) -> Result<Stat> {
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    parse_stat(&line).ok_or_else(|| anyhow!("cannot read /proc/{pid}/stat"))
}

/// The command's name may hold spaces and brackets, so fields count from its last bracket.
fn parse_stat(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(11)? + number(12)?,
        reaped: number(13)? + number(14)?,
    })
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// CPU-seconds (user and system) of one process, without its children.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    Ok(seconds(stat(pid)?.ticks))
}

/// CPU-seconds of a process and of everything below it, living or reaped.
pub(crate) fn tree_cpu_seconds(root: u32) -> Result<f64> {
    let own = stat(root)?;
    let below: u64 = descendants(root)
        .into_iter()
        .filter_map(|pid| stat(pid).ok())
        .map(|stat| stat.ticks + stat.reaped)
        .sum();
    Ok(seconds(own.ticks + own.reaped + below))
}

/// The processes below `root`, in no order.
pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid).ok()?.parent)))
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while next < found.len() {
        let parent = found[next];
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

/// Resident memory in bytes.
pub(crate) fn rss_bytes(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok())
        .ok_or_else(|| anyhow!("no VmRSS of process {pid}"))?;
    Ok(kilobytes * 1024)
}

/// Sends a signal to one process that we started.
pub(crate) fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| anyhow!("not a process: {pid}"))?;
    rustix::process::kill_process(pid, signal).with_context(|| format!("signal to {pid:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat =
            parse_stat("7 (a (b) c) S 3 7 7 0 -1 4194304 10 0 0 0 11 22 33 44 20 0 1 0").expect("fields");
        assert_eq!((stat.parent, stat.ticks, stat.reaped), (3, 33, 77));
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let own = std::process::id();
        assert!(rss_bytes(own).expect("rss") > 100_000);
        assert!(cpu_seconds(own).expect("cpu") >= 0.0);
    }
}
