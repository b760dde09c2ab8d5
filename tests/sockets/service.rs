//! The release build of the service as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ansvar_tests::Client;
use serde_json::json;

/// A service that runs in a folder of its own.
pub struct Service {
    pub admin: Client,
    pub address: String,
    process: Child,
    folder: PathBuf,
}

impl Service {
    pub async fn start() -> Self {
        let program = std::env::var("ANSVAR_BIN").unwrap_or_else(|_| "target/release/ansvar".to_owned());
        assert!(Path::new(&program).exists(), "{program} is missing: cargo build --release");
        let folder = std::env::temp_dir().join(format!("ansvar_sockets_{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let secret = "a secret of thirty-two bytes or more";
        let plenty = "{ burst = 1000000000, per_second = 1000000 }";
        let config = format!(
            "listen = \"{address}\"\nsecret = \"{secret}\"\n[database]\nurl = \"sqlite://{}\"\n[auth]\nissuer = \"i\"\naudience = \"a\"\nalgorithm = \"HS256\"\nsecret = \"{secret}\"\n[rates]\npublic = {plenty}\nsigned_in = {plenty}\nstreams = 1000000\n[http]\nconnections_per_address = 1000000\n[log]\nfilter = \"warn\"\n",
            folder.join("ansvar.db").display()
        );
        let file = folder.join("ansvar.toml");
        std::fs::write(&file, config).unwrap();
        let says = |arguments: &[&str]| {
            let output = Command::new(&program).args(arguments).arg("--config").arg(&file).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let made = says(&["setup", "--seller", "Shop", "--name", "Elin", "--email", "elin@shop.example"]);
        let admin = made.split_whitespace().find(|word| word.starts_with("staff_")).unwrap();
        let token = says(&["token", admin]);
        let process =
            Command::new(&program).arg("serve").arg("--config").arg(&file).stdout(Stdio::null()).spawn().unwrap();
        let admin = Client::new(&format!("http://{address}"), Some(token.trim()));
        while admin.answers("/readyz").await != Some(200) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { admin, address, process, folder }
    }

    /// A form of its seller.
    pub async fn widget(&self) -> Client {
        let seller = self.admin.asks("{ sellers { id } }", json!({})).await["sellers"][0]["id"].clone();
        let input = json!({ "sellerId": seller, "name": "form" });
        let made = self.admin.does("createWidget", input, "widget { publishableKey }").await;
        self.admin.showing(made["widget"]["publishableKey"].as_str().unwrap())
    }

    /// Resident memory, in kB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Processor time used so far, in seconds.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        let ticks: u32 = after_name.split_whitespace().skip(11).take(2).map(|text| text.parse::<u32>().unwrap()).sum();
        // Linux counts in hundredths of a second.
        f64::from(ticks) / 100.0
    }

    pub fn stop(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}
