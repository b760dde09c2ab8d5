//! The command line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use ansvar::config::{Config, ConfigError};
use ansvar::import::cases::Cases;
use ansvar::import::cells::Separator;
use ansvar::import::encoding::Encoding;
use ansvar::import::history::History;
use ansvar::import::table::{Table, TableOptions, TableSource};
use ansvar::intake::import::Mapping;
use ansvar::intake::import::history::HistoryMapping;
use ansvar::intake::import::mapping::MapsColumns;
use ansvar::kit::app::App;
use ansvar::kit::clock::{Clock, StoreClock, SystemClock};
use ansvar::kit::entropy::SystemEntropy;
use ansvar::kit::sqlite::{self, StoreLock};
use ansvar::kit::store::Store;
use ansvar::lmtp::Address;
use ansvar::lmtp::gate::{self, Passed};
use ansvar::{access, check, demo, graphql, import, serve, setup};
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
    /// Run the service, with a configuration from a file and the environment.
    Serve(ConfigFile),
    /// Run a small demo company from a folder of its own, and print how to try it.
    Demo {
        /// The folder for its data.
        #[arg(long, default_value = "./data/demo")]
        data: PathBuf,
        /// The address to listen on; with port 0, the system chooses a free port.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Print one line of JSON when ready, for programs.
        #[arg(long)]
        json: bool,
        /// Begin without the cases of the last quarter.
        #[arg(long)]
        empty: bool,
    },
    /// Bring the store's schema up to date.
    Migrate(ConfigFile),
    /// Check that everything holds that must hold in a store: one owner per case, ownership periods without gaps,
    /// events without missing numbers. Only reads; prints a line per breach and then exits with code 1.
    Check(ConfigFile),
    /// Import the data of another system, with its own dates.
    Import {
        #[command(subcommand)]
        what: Imported,
    },
    /// Create the first seller, with an administrator who is its accountable person.
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
        /// How many hours the token is valid.
        #[arg(long, default_value_t = 8)]
        hours: u32,
    },
    /// Deliver a mail from standard input to the running service, for a mail server's pipe. The exit code is 0 when the
    /// mail is stored, 67 when the address has no mailbox, and 75 when the mail server should retry.
    Mailgate {
        /// The address where the service accepts mail, its `mail.lmtp`: `127.0.0.1:2424` or `unix:/run/ansvar/lmtp`.
        #[arg(long)]
        lmtp: String,
        /// The recipient: the mailbox's address, with the part after its `+`.
        #[arg(long)]
        to: String,
        /// The envelope's sender; `--from ''` for a mail without a sender, such as a bounce. By default, the mail's own
        /// sender.
        #[arg(long)]
        from: Option<String>,
    },
    /// Print the GraphQL schema in its definition language.
    Schema,
}

#[derive(Subcommand)]
enum Imported {
    /// Import a table of cases. Importing the same table again changes nothing.
    Cases(TableArguments),
    /// Import a table of what happened in those cases later: contacts, calls, notes and stages, each with its own time.
    /// Nothing is sent to anybody. Importing the same table again changes nothing.
    History(TableArguments),
}

#[derive(clap::Args)]
struct TableArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The seller of the cases, by name or id.
    #[arg(long)]
    seller: String,
    /// The format of the table.
    #[arg(long, default_value = "csv")]
    format: Format,
    /// A TOML file that says which column has which meaning; see docs/import.md.
    #[arg(long)]
    map: PathBuf,
    /// Write nothing; report what would happen to the rows, and which would be rejected.
    #[arg(long)]
    dry_run: bool,
    /// The character encoding of the table; detected when left out.
    #[arg(long)]
    encoding: Option<Encoding>,
    /// The separator between cells; detected when left out.
    #[arg(long)]
    separator: Option<Separator>,
    /// The file for rejected rows. It gets their original bytes, each with its line number and the reason.
    #[arg(long, default_value = "rejected.csv")]
    rejected: PathBuf,
    /// The file with the table; `-` for standard input.
    table: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Csv,
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
    if let Command::Mailgate { lmtp, to, from } = &arguments.command {
        return runtime.block_on(mailgate(lmtp, to, from.as_deref()));
    }
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
        Command::Demo { data, listen, json, empty } => run_demo(&data, listen, (json, empty)).await,
        Command::Migrate(file) => {
            open(&file.read()?).await?.store().close().await;
            say("The store's schema is up to date.");
            Ok(())
        }
        Command::Check(file) => check_store(&file.read()?).await,
        Command::Import { what } => {
            let (Imported::Cases(arguments) | Imported::History(arguments)) = &what;
            let app = open(&arguments.config.read()?).await?;
            let done = match &what {
                Imported::Cases(arguments) => import_cases(&app, arguments).await,
                Imported::History(arguments) => import_history(&app, arguments).await,
            };
            app.store().close().await;
            done
        }
        Command::Setup { config, seller, name, email } => {
            let app = open(&config.read()?).await?;
            let made = setup::first_seller(&app, &seller, &name, &email).await;
            app.store().close().await;
            say(&made.map_err(|error| ConfigError(error.to_string()))?);
            Ok(())
        }
        Command::Token { config, subject, hours } => token(&config.read()?, &subject, hours),
        // It returns its own exit codes and is handled earlier.
        Command::Mailgate { .. } => Ok(()),
        Command::Schema => {
            say(graphql::sdl().trim_end());
            Ok(())
        }
    }
}

async fn open(config: &Config) -> Result<App, ConfigError> {
    let file = config.database.url.starts_with("sqlite:");
    let clock: Arc<dyn Clock> = if file { Arc::new(SystemClock) } else { Arc::new(StoreClock::default()) };
    serve::open(config, clock, Arc::new(SystemEntropy), None).await
}

async fn mailgate(lmtp: &str, to: &str, from: Option<&str>) -> ExitCode {
    let service = match lmtp.parse::<Address>() {
        Ok(service) => service,
        Err(error) => {
            say_error(&format!("--lmtp: {error}"));
            return ExitCode::from(Passed::Later.code());
        }
    };
    let passed = gate::pass(&service, (from, to), tokio::io::stdin()).await;
    match passed {
        Passed::Kept => {}
        Passed::Refused => say_error("Nobody takes mail in for that address, or the mail is empty or too large."),
        Passed::Later => say_error("The mail could not be handed over: the mail server is to try again."),
    }
    ExitCode::from(passed.code())
}

async fn import_cases(app: &App, arguments: &TableArguments) -> Result<(), ConfigError> {
    let mapping: Mapping = arguments.mapping()?;
    let seller = arguments.seller(app).await?;
    let cases = Cases::new(app, seller, &mapping, arguments.dry_run).await.map_err(|error| refused(&error))?;
    arguments.run(&cases, &mapping, import::line).await?;
    if arguments.dry_run {
        say("A dry run: nothing was written. The counts are by the rule that would match.");
    }
    Ok(())
}

async fn import_history(app: &App, arguments: &TableArguments) -> Result<(), ConfigError> {
    let mapping: HistoryMapping = arguments.mapping()?;
    let (seller, dry_run) = (arguments.seller(app).await?, arguments.dry_run);
    let history = History { app, seller, mapping: &mapping, dry_run };
    arguments.run(&history, &mapping, import::line_of_history).await?;
    if dry_run {
        say("A dry run: nothing was written. Whether the rows of a case are in order is seen when they are told.");
    }
    Ok(())
}

fn refused(error: &import::ImportError) -> ConfigError {
    ConfigError(error.to_string())
}

fn unusable(path: &Path, error: &std::io::Error) -> ConfigError {
    ConfigError(format!("{}: {error}.", path.display()))
}

impl TableArguments {
    fn mapping<T: serde::de::DeserializeOwned>(&self) -> Result<T, ConfigError> {
        let text = std::fs::read_to_string(&self.map).map_err(|error| unusable(&self.map, &error))?;
        toml::from_str(&text).map_err(|error| ConfigError(format!("{}: {error}", self.map.display())))
    }

    async fn seller(&self, app: &App) -> Result<entity::seller::Model, ConfigError> {
        import::seller(app.reader().db(), &self.seller).await.map_err(|error| refused(&error))
    }

    /// Imports the rows of the table, and prints the result.
    async fn run(
        &self,
        takes: &impl import::TakesRows,
        mapping: &impl MapsColumns,
        line: fn(&import::Progress) -> String,
    ) -> Result<(), ConfigError> {
        let (table, rejected) = (self.table.as_path(), self.rejected.as_path());
        let Format::Csv = self.format;
        let source = if table == Path::new("-") {
            TableSource::Stream(Box::new(std::io::stdin()))
        } else {
            TableSource::File(std::fs::File::open(table).map_err(|error| unusable(table, &error))?)
        };
        if rejected.canonicalize().is_ok_and(|back| table.canonicalize().is_ok_and(|table| table == back)) {
            let sentence = "The rejected rows would be written over the table: name another file with `--rejected`.";
            return Err(ConfigError(sentence.to_owned()));
        }
        let said = TableOptions { encoding: self.encoding, separator: self.separator };
        let opened = Table::open(source, said, mapping).map_err(ConfigError)?;
        let described = opened.describes();
        // Created only after the table was opened successfully, because the file may still hold the rejected rows of
        // the last run.
        let back = std::fs::File::create(rejected).map_err(|error| unusable(rejected, &error))?;
        let back = std::io::BufWriter::new(back);
        let done = import::run(takes, opened, back, |progress| say_error(&line(progress)))
            .await
            .map_err(|error| refused(&error))?;
        say(&line(&done));
        for (name, count) in &done.counts {
            say(&format!("{count:>8}  {name}"));
        }
        say(&described);
        if done.rejected > 0 {
            say(&format!("The rejected rows are in {}.", rejected.display()));
        }
        Ok(())
    }
}

async fn check_store(config: &Config) -> Result<(), ConfigError> {
    let unreadable = |error| ConfigError(format!("The store at `database.url` cannot be read: {error}"));
    let reader = Store::only_reading(&config.store()?).await.map_err(unreadable)?;
    let breaches = check::breaches(reader.db()).await.map_err(unreadable)?;
    for breach in &breaches {
        say(breach);
    }
    match breaches.len() {
        0 => {
            say(&format!("All {} rules hold.", check::RULES.len()));
            Ok(())
        }
        count => Err(ConfigError(format!("{count} breaches. The store was not changed."))),
    }
}

/// Locks the store for this process, if only one process may use it (SQLite).
fn hold(config: &Config) -> Result<Option<StoreLock>, ConfigError> {
    sqlite::hold(&config.database.url).map_err(|error| ConfigError(format!("The store at `database.url`: {error}.")))
}

async fn serve_until_asked(config: &Config) -> Result<(), ConfigError> {
    log_to_stderr(config)?;
    let _held = hold(config)?;
    let running = serve::start(config, open(config).await?).await?;
    serve::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

async fn run_demo(data: &Path, listen: SocketAddr, (json, empty): (bool, bool)) -> Result<(), ConfigError> {
    let config = demo::config(data, listen)?;
    log_to_stderr(&config)?;
    let _held = hold(&config)?;
    let unusable = |error| ConfigError(format!("The demo's folder {} cannot be used: {error}.", data.display()));
    demo::unfinished::begin(data).map_err(unusable)?;
    let app = open(&config).await?;
    let company = demo::company::find_or_make(&app).await.map_err(|error| ConfigError(error.to_string()))?;
    if !empty {
        demo::quarter::make(&app, &company).await.map_err(|error| ConfigError(error.to_string()))?;
    }
    demo::unfinished::end(data).map_err(unusable)?;
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

/// Prints a line. A closed standard output does not stop the command.
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
