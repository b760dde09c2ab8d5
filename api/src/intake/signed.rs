//! Whether the domain that a mail names in From signed it (DKIM, RFC 6376). Mail comes through another server, so whose
//! machine sent it is not known here, nor what was changed on the way: no mail is found to be false, only to be signed or not.

use std::borrow::Borrow;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
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
use crate::mail::trust::Trust;

/// The port of DNS (RFC 1035, 4.2).
const PORT: u16 = 53;
/// How long a mail is checked at most, all questions to DNS together.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one question to DNS waits for an answer before it is asked again, once.
const ANSWER: Duration = Duration::from_secs(2);
/// Signatures of a mail that are checked; each may cost nine questions to DNS.
const SIGNATURES: usize = 5;
/// Answers of DNS that are kept; a sender's domain chooses how long its own is, up to 64 KiB.
const ANSWERS: u64 = 500;

/// What a key's flags hold when its domain only tries it. The library has no public name for it.
const TRIAL: u64 = 0x10;

/// What is known before DNS is asked. The resolver keeps answers by itself; tests know them all.
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

/// Checks who signed mails.
#[derive(Clone)]
pub struct Checker {
    dns: MessageAuthenticator,
}

impl Checker {
    /// One that asks these name servers (`192.0.2.53`, or with a port `192.0.2.53:5353`), or without any those of the
    /// machine's `/etc/resolv.conf`. Answers are kept for as long as they say.
    ///
    /// # Errors
    /// A sentence, when a name server is no address, or `/etc/resolv.conf` names none.
    pub fn new(servers: &[String]) -> Result<Self, String> {
        let (config, mut options) = if servers.is_empty() {
            read_system_conf().map_err(|error| format!("/etc/resolv.conf names no name servers ({error})"))?
        } else {
            let servers = servers.iter().map(|server| name_server(server)).collect::<Result<_, _>>()?;
            (ResolverConfig::from_parts(None, Vec::new(), servers), ResolverOpts::default())
        };
        options.timeout = ANSWER;
        // How often it is asked again.
        options.attempts = 1;
        options.cache_size = ANSWERS;
        let dns = MessageAuthenticator::new(config, options);
        dns.map(|dns| Self { dns }).map_err(|error| format!("DNS cannot be asked ({error})"))
    }

    /// `Passed` when a signature that was valid at this time (RFC 6376, 3.5, `x=`) is of the sender's domain, or of one that
    /// belongs to the same organisation if the domain's DMARC record allows that (RFC 9989, 4.10.2; before it RFC 7489,
    /// 3.1.1). Else `Unknown`, also when DNS does not answer within 5 seconds. Never `Failed`. A mail from several is not
    /// checked.
    pub async fn check(&self, mail: Arc<Mail>, at: DateTime<Utc>) -> Trust {
        let (checker, runtime) = (self.clone(), Handle::current());
        let signed = async move {
            let sender = mail.sender().to_lowercase();
            timeout(PATIENCE, checker.is_signed(mail.raw(), &sender, at, &Nothing)).await
        };
        // A thread of its own: 30 MiB take a while to hash, and what breaks on a mail must not take its reader along.
        let signed = spawn_blocking(move || runtime.block_on(signed)).await;
        if matches!(signed, Ok(Ok(true))) { Trust::Passed } else { Trust::Unknown }
    }

    async fn is_signed<C>(&self, raw: &[u8], sender: &str, at: DateTime<Utc>, known: &C) -> bool
    where
        C: ResolverCache<Box<str>, Txt>,
    {
        let Some(plain) = plain::header(raw) else { return false };
        // Signatures with `l=` are left out by this: what is added behind what they cover looks signed.
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
        // Whatever a policy says, and if there is none, a domain speaks for itself.
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

    /// Whether the key is no trial: what is signed by one that is counts as unsigned (RFC 6376, 3.6.1, `t=y`).
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

/// Whether the mail is from this address alone. Two parsers read it, and a mail that they read differently may be made so.
fn is_from(mail: &AuthenticatedMessage<'_>, sender: &str) -> bool {
    let mut names =
        mail.headers.iter().map(|(name, _)| *name).filter(|name| name.trim_ascii().eq_ignore_ascii_case(b"from"));
    // Spaces in the name would hide the field from signatures.
    matches!((names.next(), names.next()), (Some(name), None) if name.len() == 4) && mail.froms() == [sender]
}

/// Whether a signature can count for this domain; takes from it what would be asked of the machine's clock, or of DNS in vain.
fn counts(signature: &mut Signature, domain: &str, now: i64) -> bool {
    let Signature { x, t, h, a, d, .. } = &*signature;
    let valid = *x == 0 || (x > t && i64::try_from(*x).is_ok_and(|until| until > now));
    // RFC 6376, 5.4: a signature covers From. RFC 8301, 3.1: SHA-1 is no more.
    let sound =
        h.len() <= plain::FIELDS && h.iter().any(|name| name.eq_ignore_ascii_case("from")) && *a != Algorithm::RsaSha1;
    // Not for a whole top-level domain, whatever it publishes.
    let related = domain.contains('.') && to_a_label(d).rsplit('.').take(2).eq(domain.rsplit('.').take(2));
    (signature.x, signature.r, signature.atps) = (0, false, None);
    valid && sound && related
}

mod plain;
#[cfg(test)]
mod tests;
