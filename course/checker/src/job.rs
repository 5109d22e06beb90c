//! Windows has no groups of processes, and no parent that hears of orphans. It has job
//! objects: whatever a process in a job starts is in the job, too.

use std::io;

use win32job::{ExtendedLimitInfo, Job};

/// Has all that this process starts end with it, however it ends. Called where a launcher
/// or a judge begins; jobs stand in each other.
pub fn ends_with_this_process() -> io::Result<()> {
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    let job = Job::create_with_limit_info(&mut limits).map_err(io::Error::other)?;
    job.assign_current_process().map_err(io::Error::other)?;
    std::mem::forget(job); // the system closes it, when it closes this process
    Ok(())
}
