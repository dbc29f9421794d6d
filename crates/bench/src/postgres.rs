//! A throw-away PostgreSQL cluster: flushes on, default settings but for port, connections and shared buffers.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::Signal;
use tokio::process::{Child, Command};

use crate::process;

/// Where Debian keeps the server's programs, one directory a version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The account that runs the cluster when we are root, which PostgreSQL refuses to be.
const ACCOUNT: &str = "postgres";

/// A running cluster; stopped and removed when dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    dir: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
    child: Option<Child>,
    env: Vec<(String, String)>,
}

impl Cluster {
    /// Makes and starts a cluster below `scratch` with the programs in `bin`, or those found.
    pub(crate) async fn start(scratch: &Path, bin: Option<&Path>) -> Result<Self> {
        let bin = bin.map_or_else(find_programs, |bin| Ok(bin.to_owned()))?;
        let dir = tempfile::Builder::new().prefix("postgres-").tempdir_in(scratch)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if is_root() {
            run(std::process::Command::new("chown")
                .arg("-R")
                .arg(ACCOUNT)
                .arg(dir.path()))?;
        }
        let mut cluster = Self {
            dir,
            bin,
            port,
            child: None,
            env: Vec::new(),
        };
        let mut initdb = cluster.program("initdb");
        initdb
            .arg("-D")
            .arg(cluster.data())
            .args(["-A", "trust", "-U", ACCOUNT, "-E", "UTF8", "--locale=C"]);
        run(&mut initdb)?;
        cluster.go().await?;
        Ok(cluster)
    }

    /// Starts the stopped cluster again on its data.
    pub(crate) async fn go(&mut self) -> Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))?;
        let mut command = Command::from(self.program("postgres"));
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=256MB",
        ] {
            command.args(["-c", setting]);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start postgres")?;
        self.child = Some(child);
        self.await_ready().await
    }

    /// Stops it as an operator would (`fast`): sessions are cut, what is committed is kept.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        if let Some(pid) = child.id() {
            process::signal(pid, Signal::INT)?;
        }
        if tokio::time::timeout(Duration::from_secs(30), child.wait())
            .await
            .is_err()
        {
            bail!("PostgreSQL did not stop within 30 s");
        }
        Ok(())
    }

    /// Environment variables of its next start.
    pub(crate) fn set_env(&mut self, env: Vec<(String, String)>) {
        self.env = env;
    }

    /// Makes an empty database and answers its URL.
    pub(crate) fn create_database(&self, name: &str) -> Result<String> {
        run(self.client("createdb").arg(name))?;
        Ok(format!("postgres://{ACCOUNT}@127.0.0.1:{}/{name}", self.port))
    }

    /// CPU-seconds of all its processes.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let pid = self
            .child
            .as_ref()
            .and_then(Child::id)
            .ok_or_else(|| anyhow!("PostgreSQL is stopped"))?;
        process::tree_cpu_seconds(pid)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// One of the server's programs, under an account that PostgreSQL accepts.
    fn program(&self, name: &str) -> std::process::Command {
        let path = self.bin.join(name);
        if !is_root() {
            let mut command = std::process::Command::new(path);
            command.envs(self.env.iter().cloned());
            return command;
        }
        let mut command = std::process::Command::new("setpriv");
        command
            .args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups", "--"])
            // What is preloaded is preloaded behind the change of account: what it opens must be open to PostgreSQL.
            .arg("env")
            .args(self.env.iter().map(|(name, value)| format!("{name}={value}")))
            .arg(path);
        command.current_dir(self.dir.path());
        command
    }

    /// One of the client's programs, which may lie elsewhere on the path.
    fn client(&self, name: &str) -> std::process::Command {
        let beside = self.bin.join(name);
        let mut command = std::process::Command::new(if beside.is_file() { beside } else { name.into() });
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", ACCOUNT]);
        command
    }

    async fn await_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            let ready = self
                .client("pg_isready")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if ready.context("cannot run pg_isready")?.success() {
                return Ok(());
            }
            if self
                .child
                .as_mut()
                .is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
            {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                bail!("postgres ended before it was ready:\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("PostgreSQL was not ready within 30 s")
    }
}

impl Drop for Cluster {
    /// An immediate stop, waited for, so that no shared memory stays behind.
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        if child
            .id()
            .is_some_and(|pid| process::signal(pid, Signal::QUIT).is_ok())
        {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(5) && matches!(child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn run(command: &mut std::process::Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// A directory with `initdb` and `postgres`: on the path, or the newest of Debian's.
fn find_programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    std::env::split_paths(&path)
        .chain(versions.into_iter().rev())
        .find(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
        .and_then(|dir| {
            dir.join("initdb")
                .canonicalize()
                .ok()?
                .parent()
                .map(Path::to_owned)
        })
        .ok_or_else(|| {
            anyhow!("no PostgreSQL found: install it (Debian: apt-get install postgresql) or --postgres-bin")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cluster_serves_and_leaves_nothing() {
        let scratch = crate::machine::scratch(None, "campanile-test-").expect("scratch");
        let mut cluster = Cluster::start(scratch.path(), None).await.expect("a cluster");
        assert!(
            cluster
                .create_database("one")
                .expect("database")
                .ends_with("/one")
        );
        assert!(cluster.cpu_seconds().expect("cpu") >= 0.0);
        cluster.stop().await.expect("stopped");
        cluster.go().await.expect("started again");
        cluster.create_database("two").expect("another database");
        drop(cluster);
        assert_eq!(std::fs::read_dir(scratch.path()).expect("scratch").count(), 0);
    }
}
