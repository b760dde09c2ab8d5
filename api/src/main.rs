//! The command line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use ansvar::config::{Config, ConfigError};
use ansvar::kit::clock::{Clock, SystemClock};
use ansvar::kit::entropy::SystemEntropy;
use ansvar::{access, demo, graphql, serve, setup};
use chrono::TimeDelta;
use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Complaint intake and routing: every case has one accountable owner at the company that sold.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve, with a configuration from a file and the environment.
    Serve(ConfigFile),
    /// Serve a small demo company from a folder of its own, and print how to try it.
    Demo {
        /// Where its data is kept.
        #[arg(long, default_value = "./data/demo")]
        data: PathBuf,
        /// The address to listen on; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Print one line of JSON when ready, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Bring the store's schema up to date.
    Migrate(ConfigFile),
    /// Make the first seller, with an administrator who is its accountable person.
    Setup {
        #[command(flatten)]
        config: ConfigFile,
        /// The seller's name.
        #[arg(long)]
        seller: String,
        /// The administrator's name.
        #[arg(long)]
        name: String,
        /// The administrator's e-mail address.
        #[arg(long)]
        email: String,
    },
    /// Issue a token for development; needs HS256.
    Token {
        #[command(flatten)]
        config: ConfigFile,
        /// The id of a member of staff, a partner's contact or an API client.
        subject: String,
        /// How long it lasts.
        #[arg(long, default_value_t = 8)]
        hours: u32,
    },
    /// Print the contract: the GraphQL schema in its definition language.
    Schema,
}

#[derive(clap::Args)]
struct ConfigFile {
    /// The configuration file, TOML; settings may also come from the environment (`ANSVAR__DATABASE__URL`).
    #[arg(long)]
    config: Option<PathBuf>,
}

impl ConfigFile {
    fn read(&self) -> Result<Config, ConfigError> {
        Config::read(self.config.as_deref())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("The runtime cannot be started: {error}")),
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(sentence: &str) -> ExitCode {
    say_error(sentence);
    ExitCode::FAILURE
}

async fn run(command: Command) -> Result<(), ConfigError> {
    match command {
        Command::Serve(file) => serve_until_asked(&file.read()?).await,
        Command::Demo { data, listen, json } => run_demo(&data, listen, json).await,
        Command::Migrate(file) => {
            open(&file.read()?).await?.store().close().await;
            say("The store's schema is up to date.");
            Ok(())
        }
        Command::Setup { config, seller, name, email } => {
            let app = open(&config.read()?).await?;
            let made = setup::first_seller(&app, &seller, &name, &email).await;
            app.store().close().await;
            say(&made.map_err(|error| ConfigError(error.to_string()))?);
            Ok(())
        }
        Command::Token { config, subject, hours } => token(&config.read()?, &subject, hours),
        Command::Schema => {
            say(graphql::sdl().trim_end());
            Ok(())
        }
    }
}

async fn open(config: &Config) -> Result<ansvar::kit::app::App, ConfigError> {
    serve::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy), None).await
}

async fn serve_until_asked(config: &Config) -> Result<(), ConfigError> {
    log_to_stderr(config)?;
    let running = serve::start(config, open(config).await?).await?;
    serve::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

async fn run_demo(data: &Path, listen: SocketAddr, json: bool) -> Result<(), ConfigError> {
    let config = demo::config(data, listen)?;
    log_to_stderr(&config)?;
    let app = open(&config).await?;
    let company = demo::company::find_or_make(&app).await.map_err(|error| ConfigError(error.to_string()))?;
    let running = serve::start(&config, app).await?;
    let tokens = demo::tokens(&config, &running.app, &company)?;
    say(&if json {
        demo::guide::json_line(running.address, &company, &tokens)
    } else {
        demo::guide::text(running.address, &data.display().to_string(), &company, &tokens)
    });
    serve::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

fn token(config: &Config, subject: &str, hours: u32) -> Result<(), ConfigError> {
    let Some(secret) = &config.auth.secret else {
        let sentence = "Tokens are issued here only with HS256; with another algorithm your identity provider does it.";
        return Err(ConfigError(sentence.to_owned()));
    };
    config.tokens()?;
    let lifetime = TimeDelta::hours(hours.min(config.auth.max_lifetime_hours).into());
    let names = (config.auth.issuer.as_str(), config.auth.audience.as_str());
    let token = access::token::issue(secret.as_bytes(), names, subject, SystemClock.now(), lifetime);
    say(&token.map_err(|error| ConfigError(error.to_string()))?);
    Ok(())
}

fn log_to_stderr(config: &Config) -> Result<(), ConfigError> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)
        .map_err(|error| ConfigError(format!("`log.filter` cannot be read: {error}.")))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log.json {
        log.json().init();
    } else {
        log.init();
    }
    Ok(())
}

/// Whoever no longer reads what a command says does not stop it.
fn say(text: &str) {
    use std::io::Write;
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        tracing::debug!(%error, "nobody reads standard output");
    }
}

#[expect(clippy::print_stderr, reason = "before there is a log, a sentence on standard error says what is wrong")]
fn say_error(text: &str) {
    eprintln!("ansvar: {text}");
}
