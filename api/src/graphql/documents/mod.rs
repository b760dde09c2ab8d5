//! GraphQL documents, known by their SHA-256: those of the manifest, with which the seller's own clients were built,
//! and those received recently, which are kept parsed. A client sends the id as `extensions.persistedQuery.sha256Hash`,
//! as Apollo's clients and others do, or as `documentId` ("sha256:…"), as the GraphQL over HTTP specification proposes.

pub mod guard;
pub mod introspect;
pub mod lists;
pub mod meter;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::ServerError;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use lru::LruCache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::error::code::{Code, ServerErrorExt};
use crate::kit::text::truncated;
use crate::texts;

/// Which documents the service accepts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// All documents.
    #[default]
    Open,
    /// Only documents of the manifest, by their text or by their id.
    Known,
    /// Only documents of the manifest, by their id.
    Only,
}

/// The SHA-256 of a document.
pub type Hash = [u8; 32];

/// The documents that this service knows.
pub struct Documents {
    policy: Policy,
    manifest: HashMap<Hash, Arc<str>>,
    met: Mutex<Met>,
    /// The highest number of bytes of a document.
    longest: usize,
    /// The highest number of tokens (words and signs) of a document.
    signs: usize,
}

/// A document that was found, parsed.
#[derive(Debug)]
pub struct KnownDocument {
    /// The parsed document.
    pub document: Arc<ExecutableDocument>,
    /// The SHA-256 of the document.
    pub hash: Hash,
    /// The length of its text in bytes, if it is not kept yet and is short enough to be kept.
    new: Option<usize>,
}

/// The documents received recently, parsed. Their number is limited by the bytes of their texts.
struct Met {
    documents: LruCache<Hash, (usize, Arc<ExecutableDocument>)>,
    bytes: usize,
}

/// The highest sum of the bytes of all kept documents. Parsed, they can take a hundred times as much memory.
const KEPT: usize = 512 * 1024;
/// The highest number of bytes of a kept document. A longer one is parsed at each request.
const KEPT_ONE: usize = 16 * 1024;
/// The highest number of bytes of a document. Large values belong in its variables.
const LONGEST: usize = 1024 * 1024;
/// The highest number of tokens of a document unless it is configured otherwise. Each takes hundreds of bytes once it
/// is parsed.
const SIGNS: usize = 20_000;

impl Documents {
    /// The documents of a service with this policy and manifest, which is a JSON object of ids and texts.
    ///
    /// # Errors
    /// When the manifest is not such an object or is missing, or an id is not the SHA-256 of its text.
    pub fn new(policy: Policy, manifest: Option<&str>) -> Result<Self, String> {
        let texts: HashMap<String, String> = match manifest {
            Some(manifest) => serde_json::from_str(manifest)
                .map_err(|error| format!("the manifest is not a JSON object of ids and documents: {error}"))?,
            None if policy == Policy::Open => HashMap::new(),
            None => return Err("`known` and `only` need a manifest".to_owned()),
        };
        let manifest = texts.into_iter().map(|(id, text)| match read_id(&id) {
            Some(hash) if hash == hash_of(&text) => Ok((hash, Arc::from(text))),
            _ => Err(format!("the id {} is not the SHA-256 of its document, in hexadecimal", truncated(&id, 80))),
        });
        let met = Met { documents: LruCache::unbounded(), bytes: 0 };
        Ok(Self {
            policy,
            manifest: manifest.collect::<Result<_, _>>()?,
            met: Mutex::new(met),
            longest: LONGEST,
            signs: SIGNS,
        })
    }

    /// With room for documents of this many selections, with ten tokens for each.
    #[must_use]
    pub fn with_selections(self, selections: usize) -> Self {
        let signs = SIGNS.max(selections.saturating_mul(10));
        Self { longest: LONGEST.max(signs.saturating_mul(20)), signs, ..self }
    }

    /// The document that the client names by its text or its id, parsed.
    ///
    /// # Errors
    /// `BAD_REQUEST` when neither is given, the id is not a SHA-256 or not that of the text; `DOCUMENT_NOT_ALLOWED`
    /// when the policy excludes it; `PERSISTED_QUERY_NOT_FOUND` when the id is unknown; `DOCUMENT_TOO_LARGE` or
    /// `GRAPHQL_PARSE_FAILED`.
    pub fn find(&self, text: Option<&str>, id: Option<&str>) -> Result<KnownDocument, ServerError> {
        let id = id.map(|id| read_id(id).ok_or_else(unreadable_id)).transpose()?;
        let (hash, text) = match (text, id) {
            (None, None) => return Err(missing()),
            (Some(text), None) => (hash_of(text), Some(text)),
            (None, Some(id)) => (id, self.manifest.get(&id).map(AsRef::as_ref)),
            (Some(text), Some(id)) if hash_of(text) == id => (id, Some(text)),
            (Some(_), Some(_)) => return Err(not_its_id()),
        };
        let served = match self.policy {
            Policy::Open => true,
            Policy::Known => self.manifest.contains_key(&hash),
            Policy::Only => id.is_some() && self.manifest.contains_key(&hash),
        };
        if !served {
            return Err(not_served());
        }
        if let Some(known) = self.met(|met| met.documents.get(&hash).map(|(_, document)| Arc::clone(document))) {
            return Ok(KnownDocument { document: known, hash, new: None });
        }
        let text = text.ok_or_else(unknown)?;
        if text.len() > self.longest || signs(text, self.signs) > self.signs {
            return Err(too_long(self.longest, self.signs));
        }
        let document = Arc::new(parse_query(text).map_err(|error| syntax_error(error.into()))?);
        Ok(KnownDocument { document, hash, new: (text.len() <= KEPT_ONE).then_some(text.len()) })
    }

    /// Keeps the parsed document for later requests, if it is new and short enough.
    pub fn keep(&self, found: &KnownDocument) {
        if let Some(bytes) = found.new {
            self.met(|met| met.keep(found.hash, bytes, Arc::clone(&found.document)));
        }
    }

    fn met<T>(&self, look: impl FnOnce(&mut Met) -> T) -> T {
        look(&mut self.met.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Met {
    fn keep(&mut self, hash: Hash, bytes: usize, document: Arc<ExecutableDocument>) {
        self.bytes += bytes;
        if let Some((_, (replaced, _))) = self.documents.push(hash, (bytes, document)) {
            self.bytes -= replaced;
        }
        while self.bytes > KEPT {
            let Some((_, (bytes, _))) = self.documents.pop_lru() else { return };
            self.bytes -= bytes;
        }
    }
}

/// The number of tokens (words and signs) of a document outside its strings and comments: at least as many as the
/// parser reads. Counting stops soon after `most`.
fn signs(text: &str, most: usize) -> usize {
    let (mut count, mut rest, mut in_word) = (0, text, false);
    while let Some(char) = rest.chars().next() {
        let word = char.is_ascii_alphanumeric() || char == '_';
        if !(char.is_whitespace() || char == ',' || (word && in_word)) {
            count += 1;
        }
        if count > most {
            break;
        }
        in_word = word;
        rest = match char {
            '#' => rest.split_once(['\n', '\r']).map_or("", |(_, after)| after),
            '"' => behind_text(rest),
            _ => rest.get(char.len_utf8()..).unwrap_or_default(),
        };
    }
    count
}

/// What follows the string that begins here, in one or in three quotation marks. The parser refuses a string that does
/// not end.
fn behind_text(text: &str) -> &str {
    let (end, inner) =
        text.strip_prefix("\"\"\"").map_or(("\"", text.get(1..).unwrap_or_default()), |rest| ("\"\"\"", rest));
    let mut rest = inner;
    while let Some(place) = rest.find(['"', '\\']) {
        let here = rest.get(place..).unwrap_or_default();
        if let Some(after) = here.strip_prefix(end) {
            return after;
        }
        // In a string with three quotation marks a single one is part of the text. A backslash escapes the character
        // after it.
        let skipped = if here.starts_with('\\') { here.chars().take(2).map(char::len_utf8).sum() } else { 1 };
        rest = here.get(skipped..).unwrap_or_default();
    }
    ""
}

fn too_long(longest: usize, signs: usize) -> ServerError {
    Code::DocumentTooLarge.server_error(texts::api::document_too_long(longest, signs))
}

fn hash_of(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// The hash in an id: 64 hexadecimal digits, with or without the prefix "sha256:".
fn read_id(id: &str) -> Option<Hash> {
    let digits = id.strip_prefix("sha256:").unwrap_or(id).as_bytes();
    let mut hash = Hash::default();
    if digits.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

fn missing() -> ServerError {
    Code::BadRequest.server_error(texts::api::no_document())
}

fn unreadable_id() -> ServerError {
    Code::BadRequest.server_error(texts::api::not_a_document_id())
}

fn not_its_id() -> ServerError {
    Code::BadRequest.server_error(texts::api::not_its_id())
}

fn unknown() -> ServerError {
    Code::DocumentNotFound.server_error(texts::api::document_unknown())
}

fn not_served() -> ServerError {
    Code::DocumentNotAllowed.server_error(texts::api::document_not_served())
}

fn syntax_error(error: ServerError) -> ServerError {
    // The parser's message quotes the whole line of the document. The position is enough.
    let reason = error.message.lines().rev().find_map(|line| line.trim().strip_prefix("= ")).unwrap_or("not GraphQL");
    let message = format!("Syntax error: {}", truncated(reason, 200));
    ServerError { message, ..error }.with_code(Code::ParseFailed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{ __typename }";

    fn id() -> String {
        hash_of(TEXT)
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    fn manifest() -> String {
        serde_json::json!({ (id()): TEXT }).to_string()
    }

    fn code(documents: &Documents, text: Option<&str>, id: Option<&str>) -> Result<(), Code> {
        let found = documents.find(text, id).map_err(|error| Code::of(&error).unwrap())?;
        documents.keep(&found);
        Ok(())
    }

    #[test]
    fn a_policy_says_which_documents_are_served_and_how() {
        let other = "{ a: __typename }";
        let id = id();
        let prefixed = format!("sha256:{id}");
        for (policy, whole, by_id, both, stranger) in [
            (Policy::Open, Ok(()), Ok(()), Ok(()), Ok(())),
            (Policy::Known, Ok(()), Ok(()), Ok(()), Err(Code::DocumentNotAllowed)),
            (Policy::Only, Err(Code::DocumentNotAllowed), Ok(()), Ok(()), Err(Code::DocumentNotAllowed)),
        ] {
            let documents = Documents::new(policy, Some(&manifest())).unwrap();
            assert_eq!(code(&documents, Some(other), None), stranger, "{policy:?}");
            assert_eq!(code(&documents, Some(TEXT), None), whole, "{policy:?}");
            assert_eq!(code(&documents, None, Some(&id)), by_id, "{policy:?}");
            assert_eq!(code(&documents, None, Some(&prefixed)), by_id, "{policy:?}");
            assert_eq!(code(&documents, Some(TEXT), Some(&id)), both, "{policy:?}");
            assert_eq!(code(&documents, Some(other), Some(&id)), Err(Code::BadRequest), "{policy:?}");
            assert_eq!(code(&documents, None, None), Err(Code::BadRequest), "{policy:?}");
        }
    }

    #[test]
    fn an_open_service_remembers_what_it_was_sent() {
        let documents = Documents::new(Policy::Open, None).unwrap();
        assert_eq!(code(&documents, None, Some(&id())), Err(Code::DocumentNotFound));
        assert_eq!(code(&documents, Some(TEXT), Some(&id())), Ok(()));
        assert_eq!(code(&documents, None, Some(&id())), Ok(()));
        assert_eq!(code(&documents, None, Some("abc")), Err(Code::BadRequest));
    }

    #[test]
    fn a_document_has_a_bound_before_it_is_parsed() {
        let documents = Documents::new(Policy::Open, None).unwrap();
        for text in [
            format!("{{ {} }}", "a ".repeat(SIGNS)),
            "{a".repeat(SIGNS),
            format!("{{ a(b: [{}]) }}", "1,".repeat(SIGNS)),
            format!("{{ a(b: [{}]) }}", "\"\" ".repeat(SIGNS)),
            format!("{{ a(b: \"{}\") }}", "x".repeat(LONGEST)),
            "@".repeat(SIGNS + 1),
            "...a".repeat(SIGNS),
        ] {
            let refused = code(&documents, Some(&text), None);
            assert_eq!(refused, Err(Code::DocumentTooLarge), "{}…", truncated(&text, 40));
        }
        let long = format!("{{ a(b: \"\"\"{}\"\"\") # {}\n }}", "x { \\\"\"\" \" ".repeat(10_000), "{ ".repeat(30_000));
        assert!(signs(&long, SIGNS) < 20, "{}", signs(&long, SIGNS));
        assert_eq!(code(&documents, Some(&long), None), Ok(()));
    }

    #[test]
    fn words_and_signs_are_counted_as_the_parser_meets_them() {
        for (text, count) in [
            ("", 0),
            ("{ a }", 3),
            ("{a:b(c:\"d e\",f:-1.5){...g}}", 22),
            ("# only { a } comment", 1),
            ("\"never ended { a }", 1),
            ("\"a\\\"b\" c", 2),
            ("\"\"\"a\"b\"\"\" c", 2),
        ] {
            assert_eq!(signs(text, SIGNS), count, "{text}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let documents = Documents::new(Policy::Open, None).unwrap();
        for number in 0..200 {
            let text = format!("{{ a{number}: __typename # {}\n }}", "x".repeat(12_000));
            documents.keep(&documents.find(Some(&text), None).unwrap());
        }
        assert!(documents.met(|met| met.bytes) <= KEPT);
        assert!(documents.met(|met| met.documents.len()) < 100);
    }

    #[test]
    fn a_manifest_with_a_wrong_id_is_refused() {
        let wrong = serde_json::json!({ (id()): "{ other }" }).to_string();
        assert!(Documents::new(Policy::Only, Some(&wrong)).is_err());
        assert!(Documents::new(Policy::Only, None).is_err());
        assert!(Documents::new(Policy::Open, Some("[]")).is_err());
    }

    #[test]
    fn a_syntax_error_does_not_quote_the_document() {
        let documents = Documents::new(Policy::Open, None).unwrap();
        let error = documents.find(Some("{ secret( }"), None).unwrap_err();
        assert!(error.message.starts_with("Syntax error: "), "{}", error.message);
        assert!(!error.message.contains("secret"), "{}", error.message);
    }
}
