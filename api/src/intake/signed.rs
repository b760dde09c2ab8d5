//! Whether the domain in a mail's From field signed the mail (DKIM, RFC 6376). Mail reaches this service through
//! another server, so the machine that sent it and the changes on the way are not known here. Therefore no mail is
//! found to be forged, only signed or not signed.

use std::borrow::Borrow;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use entity::kind::SenderTrust;
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::to_a_label;
use mail_auth::common::verify::{DomainKey, VerifySignature};
use mail_auth::dkim::Signature;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, Parameters, ResolverCache,
    SpfOutput, Txt,
};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::email::Mail;
use crate::mail::prepare;

/// The port of DNS (RFC 1035, 4.2).
const PORT: u16 = 53;
/// How long checking one mail may take, including all DNS queries.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one DNS query waits for an answer before it is sent again, once.
const ANSWER: Duration = Duration::from_secs(2);
/// How many signatures of a mail are checked at most. Each may cost nine DNS queries.
const SIGNATURES: usize = 5;
/// How many DNS answers are cached. A sender's domain decides how long its own answers are, up to 64 KiB each.
const ANSWERS: u64 = 500;

/// The flag of a key that its domain is only testing. The library has no public name for it.
const TRIAL: u64 = 0x10;

/// A cache without entries, because the resolver caches answers by itself. Tests replace it with one that holds every
/// answer.
struct Nothing;

impl ResolverCache<Box<str>, Txt> for Nothing {
    fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Checks the signatures of mails.
#[derive(Clone)]
pub struct Checker {
    dns: MessageAuthenticator,
}

impl Checker {
    /// A checker that queries these name servers (`192.0.2.53`, or with a port `192.0.2.53:5353`), or those of the
    /// machine's `/etc/resolv.conf` when none are given. Answers are cached for as long as they allow.
    ///
    /// # Errors
    /// A sentence, when a name server is not an IP address, or when `/etc/resolv.conf` names none.
    pub fn new(servers: &[String]) -> Result<Self, String> {
        let (config, mut options) = if servers.is_empty() {
            read_system_conf().map_err(|error| format!("/etc/resolv.conf names no name servers ({error})"))?
        } else {
            let servers = servers.iter().map(|server| name_server(server)).collect::<Result<_, _>>()?;
            (ResolverConfig::from_parts(None, Vec::new(), servers), ResolverOpts::default())
        };
        options.timeout = ANSWER;
        // How many times a query is sent again.
        options.attempts = 1;
        options.cache_size = ANSWERS;
        let dns = MessageAuthenticator::new(config, options);
        dns.map(|dns| Self { dns }).map_err(|error| format!("DNS cannot be asked ({error})"))
    }

    /// Returns `Passed` when a signature that was valid at this time (RFC 6376, 3.5, `x=`) is of the sender's domain. A
    /// signature of another domain of the same organisation counts too if the sender's DMARC record allows it (RFC
    /// 9989, 4.10.2; before it RFC 7489, 3.1.1). Otherwise returns `Unknown`, also when DNS does not answer within 5
    /// seconds, and for a mail with several senders. Never returns `Failed`.
    pub async fn check(&self, mail: Arc<Mail>, at: DateTime<Utc>) -> SenderTrust {
        let (checker, runtime) = (self.clone(), Handle::current());
        let signed = async move {
            let sender = mail.sender().to_lowercase();
            timeout(PATIENCE, checker.is_signed(mail.raw(), &sender, at, &Nothing)).await
        };
        // On a thread of its own, because hashing 30 MiB takes a while and a panic over a mail must not end the task
        // that reads it.
        let signed = spawn_blocking(move || runtime.block_on(signed)).await;
        if matches!(signed, Ok(Ok(true))) { SenderTrust::Passed } else { SenderTrust::Unknown }
    }

    async fn is_signed<C>(&self, raw: &[u8], sender: &str, at: DateTime<Utc>, known: &C) -> bool
    where
        C: ResolverCache<Box<str>, Txt>,
    {
        let Some(plain) = plain::header(raw) else { return false };
        // This leaves out signatures with `l=`, because text added after the part that they cover would look signed.
        let Some(mut mail) = AuthenticatedMessage::parse(raw) else { return false };
        let Some((_, domain)) = sender.rsplit_once('@').filter(|_| is_from(&mail, sender)) else { return false };
        if mail.body_offset as usize != plain.body || prepare::body_at(prepare::without_envelope(raw)).1 != plain.body {
            return false;
        }
        let domain = to_a_label(domain);
        let covers = |h: &[String], name: &str| h.iter().any(|covered| covered.eq_ignore_ascii_case(name));
        mail.dkim_headers.retain(|field| !plain.subject || covers(&field.header.h, "subject"));
        mail.dkim_headers.retain_mut(|field| counts(&mut field.header, &domain, at.timestamp()));
        mail.dkim_headers.sort_by_key(|field| to_a_label(&field.header.d) != domain);
        mail.dkim_headers.truncate(SIGNATURES);
        let mut found = Vec::new();
        for one in self.dns.verify_dkim(Parameters::new(&mail).with_txt_cache(known)).await {
            let signature = one.signature().filter(|_| *one.result() == DkimResult::Pass);
            if let Some(signature) = signature
                && self.is_meant(signature, known).await
            {
                found.push(one);
            }
        }
        let mut signers = found.iter().filter_map(DkimOutput::signature);
        // A signature of the sender's own domain is enough, whatever its DMARC policy says and even without a policy.
        if signers.clone().any(|signature| to_a_label(&signature.d) == domain) {
            return true;
        }
        if signers.next().is_none() {
            return false;
        }
        let question = DmarcParameters {
            message: &mail,
            dkim_output: &found,
            dkim2_output: None,
            rfc5321_mail_from_domain: "",
            spf_output: &SpfOutput::new(String::new()),
        };
        let found = self.dns.verify_dmarc(Parameters::new(question).with_txt_cache(known)).await;
        *found.dkim_result() == DmarcResult::Pass
    }

    /// Whether the key is in real use. A signature with a key that is being tested counts as none (RFC 6376, 3.6.1,
    /// `t=y`).
    async fn is_meant<C>(&self, signature: &Signature, known: &C) -> bool
    where
        C: ResolverCache<Box<str>, Txt>,
    {
        let key = self.dns.txt_lookup::<DomainKey>(signature.domain_key(), Some(known)).await;
        key.is_ok_and(|key| !key.has_flag(TRIAL))
    }
}

fn name_server(place: &str) -> Result<NameServerConfig, String> {
    let place = place.parse().or_else(|_| place.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT)));
    let place =
        place.map_err(|_| "`mail.nameservers` are addresses such as 192.0.2.53 or 192.0.2.53:5353".to_owned())?;
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    let connections = connections.into_iter().map(|mut one| {
        one.port = place.port();
        one
    });
    Ok(NameServerConfig::new(place.ip(), true, connections.collect()))
}

/// Whether this address is the mail's only sender. Two parsers read the mail, and a forger may write it so that they
/// find different senders.
fn is_from(mail: &AuthenticatedMessage<'_>, sender: &str) -> bool {
    let mut names =
        mail.headers.iter().map(|(name, _)| *name).filter(|name| name.trim_ascii().eq_ignore_ascii_case(b"from"));
    // A space in the name would hide the field from signatures.
    matches!((names.next(), names.next()), (Some(name), None) if name.len() == 4) && mail.froms() == [sender]
}

/// Whether a signature can count for this domain. Clears what the library would compare with the machine's clock, and
/// what would cost DNS queries to no purpose.
fn counts(signature: &mut Signature, domain: &str, now: i64) -> bool {
    let Signature { x, t, h, a, d, .. } = &*signature;
    let valid = *x == 0 || (x > t && i64::try_from(*x).is_ok_and(|until| until > now));
    // RFC 6376, 5.4: a signature must cover From. RFC 8301, 3.1: SHA-1 must not be used any more.
    let sound =
        h.len() <= plain::FIELDS && h.iter().any(|name| name.eq_ignore_ascii_case("from")) && *a != Algorithm::RsaSha1;
    // Domains are related when their last two labels are equal. A signature of a top-level domain counts for nobody.
    let related = domain.contains('.') && to_a_label(d).rsplit('.').take(2).eq(domain.rsplit('.').take(2));
    (signature.x, signature.r, signature.atps) = (0, false, None);
    valid && sound && related
}

mod plain;
#[cfg(test)]
mod tests;
