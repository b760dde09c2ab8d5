//! Whether a mail is the automatic reply of somebody who is away. If the header shows a program, a hint is enough.
//! Without that the subject alone is never enough, because "Absence de livraison" is a complaint. The subject must then
//! be labelled as such replies are ("Semester:", "Automatic reply: …"), and the body must say that its writer is away.

use super::kind::{TICKET, short};
use super::machine::Clues;
use super::parse::Parts;
use super::pattern::{Pattern, any, compile};

/// How many words an absence reply may have if only its label and its text tell it from a person's mail.
const MOST_WORDS: usize = 120;
/// How many words it may have if it neither says what happens to mail meanwhile nor answers another mail.
const FEW_WORDS: usize = 45;

/// Header fields of absence replies.
const FIELDS: &[&str] =
    &["x-autoreply", "x-autorespond", "x-ms-exchange-inbox-rules-loop", "x-vacation", "x-auto-reply"];

/// Subjects that mention an absence. They count only together with a program's header.
static SUBJECT: Pattern = Pattern::new(|| {
    any(&[
        r"^(?:automatic reply|automatiskt svar|automatisk svar|automatisches? antwort|automatische antwort|automatisch antwoord|réponse automatique|respuesta automática|risposta automatica|resposta automática|odpowiedź automatyczna|autosvar|automaattinen vastaus|automatisk svar)\s?(?::|$|-)",
        r"^(?:auto|autoreply|auto-reply|auto reply|auto response|autoresponse|autosvar)\b\s?:",
        r"\bout[- ]of[- ](?:the[- ])?office\b",
        r"\booo\b",
        r"\bfrånvaro(?:meddelande)?\s?(?::|$)|\bfrånvarande\b",
        r"\bikke til stede\b",
        r"\bikke på kontoret\b",
        r"\bfraværende\b|\bfravær\s?(?::|$)",
        r"\bpoissa\b",
        r"\bpoissaolo",
        r"\babwesen(?:d|heit)",
        r"\bnicht im (?:büro|hause?)\b",
        r"\baußer haus\b",
        r"\babsent(?:e)?\b",
        r"\babsence\b",
        r"\bausente\b",
        r"\bausencia\b",
        r"\bfuera de (?:la )?oficina\b",
        r"\bfora do escritório\b",
        r"\bausência\b",
        r"\bfuori (?:ufficio|sede)\b",
        r"\bassente\b",
        r"\bafwezig",
        r"\bniet op kantoor\b",
        r"\bnieobecn",
        r"\bpoza biurem\b",
        r"\bvacation\b",
        r"\bon (?:annual |parental |sick )?leave\b",
        r"\bsemester(?:svar|meddelande)?\b",
        r"\bbortrest\b",
        r"\burlaub",
        r"\blomalla\b",
        r"\bholiday (?:message|reply)",
        r"\baway from (?:the|my) (?:office|desk)",
    ])
});
/// Text that may say that somebody is away. It counts only together with a program's header or a label.
static WORDS: Pattern = Pattern::new(|| {
    any(&[
        r"out of (?:the )?office",
        r"away (?:from|until|on|till)",
        r"on (?:annual |parental |sick |maternity )?(?:leave|vacation|holiday)",
        r"limited access to (?:my )?(?:e-?mail|mail)",
        r"back (?:in the office|on|at)",
        r"i (?:will|shall) (?:be back|return)",
        r"return(?:ing)? (?:to the office )?on",
        r"på resande fot",
        r"kan inte läsa (?:mejl|mail|e-post)",
        r"semester",
        r"tillbaka (?:den|på|igen|i)",
        r"är (?:inte )?(?:på (?:kontoret|plats|jobbet)|ledig|bortrest|tjänstledig|föräldraledig)",
        r"föräldraledig",
        r"frånvarande",
        r"ferie",
        r"ikke på (?:kontoret|jobb|plass)",
        r"tilbake (?:den|på|igjen|i|mandag)",
        r"tilbage",
        r"(?:er|på) (?:ferie|orlov|permisjon)",
        r"lomalla|poissa|tavoitettavissa|palaan",
        r"urlaub|abwesend|nicht im (?:büro|haus)|wieder (?:für sie )?(?:da|erreichbar)|außer haus|rückkehr",
        r"absente?\b|en congés?|de retour|vacances",
        r"ausente|vacaciones|de vuelta|regreso|fuera de la oficina|de baja",
        r"assente|in ferie|fuori (?:ufficio|sede)|rientr",
        r"afwezig|vakantie|niet (?:op kantoor|aanwezig|bereikbaar)|weer (?:aanwezig|bereikbaar|terug)|met verlof",
        r"ausente|férias|regresso|retorno",
        r"nieobecn|urlop|wracam|poza biurem|na zwolnieniu",
    ])
});
/// Subjects that begin with the label of an automatic reply of any kind.
pub static LABELLED_AUTOMATIC: Pattern = Pattern::new(|| {
    compile(&format!(
        r"^(?:{})\s*(?:[:\-–—(\[]|$)",
        [
            "auto(?:matic|mated)?[- ]?(?:reply|response|answer)",
            "autosvar|automatiskt svar|automatisk svar|automatiskt svarsmeddelande",
            "automatische antwort|automatische rückantwort|abwesenheits(?:notiz|meldung|benachrichtigung|agent)|urlaubs(?:meldung|notiz)",
            "automatisch antwoord|automatisch bericht|afwezigheids(?:bericht|melding|assistent)",
            "réponse automatique|(?:message|notification|avis) d['’]absence",
            "respuesta automática|(?:mensaje|aviso) de ausencia",
            "risposta automatica|(?:messaggio|avviso) di assenza",
            "resposta automática|(?:mensagem|aviso) de ausência",
            "odpowiedź automatyczna|automatyczna odpowiedź|(?:wiadomość|zawiadomienie|informacja) o nieobecności",
            "automaattinen vastaus|automaattivastaus|poissaolo(?:ilmoitus|viesti)|loma(?:vastaaja|viesti)",
            "frånvaro(?:meddelande|avisering|besked)|semester(?:meddelande|svar|hälsning)",
            "fraværs(?:melding|besked|meddelelse|assistent)|feriesvar|feriemelding",
            "out[- ]of[- ](?:the[- ])?office(?: (?:auto-?reply|reply|notification|message))?|ooo|(?:vacation|holiday|absence) (?:reply|message|notice)",
        ]
        .join("|")
    ))
});
/// Subjects that begin with an absence as a label, followed by punctuation, by nothing, or by how long it lasts.
static LABELLED_AWAY: Pattern = Pattern::new(|| {
    compile(&format!(
        r"^(?:{})(?:\s*(?:[:\-–—(\[,;!.]|$)|\s+(?:t\.?\s?o\.?\s?m|till|until|til|bis|jusqu|hasta|fino|tot|até|do|asti|indtil|(?:från|fra|from|vom|du|del|dal|van|de|od|den|am|le|v(?:ecka|\.)?|uge|uke|kw)?\s*\d))",
        [
            "auto",
            "(?:på |har )?semester|sommarsemester|semesterledig|ledig(?:het)?|föräldraledig|tjänstledig|sjukskriven|frånvaro|frånvarande|bortrest|utomlands|(?:inte|ej) (?:på (?:kontoret|plats|jobbet)|i tjänst)",
            "(?:på |holder |har )?ferie|sommerferie|fravær|fraværende|ikke (?:til ?stede|på (?:kontoret|plass|jobb|arbejde))|bortreist|(?:på )?orlov|permisjon",
            "loma|lomalla|kesälomalla|kesäloma|vuosilomalla|poissa|poissaolo|en ole paikalla|vapaalla",
            "(?:im )?urlaub|abwesend|abwesenheit|nicht (?:im (?:büro|hause?|dienst)|da|erreichbar)|außer haus|(?:in )?elternzeit|verreist",
            "absence|absente?|(?:en )?congés?|(?:en )?vacances|en déplacement|hors (?:du )?bureau",
            "ausente|ausencia|(?:de |en )?vacaciones|fuera de (?:la )?oficina|de (?:baja|viaje|permiso)",
            "assente|assenza|(?:in )?ferie|in vacanza|fuori (?:ufficio|sede)",
            "afwezig|afwezigheid|(?:op |met )?vakantie|niet (?:op kantoor|aanwezig|bereikbaar)|met verlof",
            "(?:de |em )?férias|ausência|fora do escritório|de licença",
            "(?:na )?urlop(?:ie)?|nieobecność|nieobecn[aey]|poza biurem|na zwolnieniu",
            "(?:on )?(?:annual |parental |sick |maternity |paternity )?(?:leave|vacation|holidays?)|away(?: from (?:the|my) (?:office|desk))?|absent|not in the office",
        ]
        .join("|")
    ))
});
/// Text in which somebody says that they are away, now or from now on.
static IS_AWAY: Pattern = Pattern::new(|| {
    any(&[
        r"\bi(?:['’]m| am|['’]ll be| will be| shall be)(?: \w+){0,3} (?:out(?: of (?:the )?office)?|away|on (?:\w+ ){0,2}(?:leave|holidays?|vacation)|travel+ing|unavailable|not in (?:the )?office)\b",
        r"\b(?:i (?:have|will have)|with) (?:\w+ )?(?:limited|no) access to (?:my )?e-?mail|\bback (?:in (?:the )?office )?on\b",
        r"\b(?:jag|undertecknad) (?:är|har|kommer (?:inte )?att vara|befinner mig|tar)(?: [^\s.!?]+){0,4}? (?:semester|(?:\w*)ledig|ledigt|sjukskriven|frånvarande|bortrest|borta|på resande fot|utomlands|(?:på|i) (?:kontoret|plats|tjänst|jobbet|åter)|åter|tillbaka)\b",
        r"\b(?:är|åter|tillbaka) (?:åter |tillbaka )?(?:på (?:kontoret|plats|jobbet)|i tjänst)\b",
        r"\bjeg (?:er|har|holder|befinner meg|befinder mig|avvikler)(?: [^\s.!?]+){0,6}? (?:\w*ferie|orlov|permisjon|fraværende|ikke (?:på|i|til)\b|bortreist|bortrejst|på reise|tilbake|tilbage|væk|borte)\b",
        r"\bolen(?: [^\s.!?]+){0,6}? (?:\w*lomalla|poissa|vapaalla|matkoilla|tavoitettavissa|paikalla)\b|\bpalaan\b|\ben ole (?:tavoitettavissa|paikalla|toimistolla)\b",
        r"\bich (?:bin|befinde mich|werde)(?: [^\s!?]+){0,10}? (?:urlaub|abwesend|(?:nicht )?im (?:büro|hause?|dienst)|außer haus|elternzeit|nicht (?:\w+ )?erreichbar|verreist|unterwegs|wieder (?:für sie )?(?:da|erreichbar))\b",
        r"\bje (?:suis|serai)(?: [^\s.!?]+){0,5}? (?:absente?|congés?|vacances|déplacement|indisponible|de retour)\b",
        r"\b(?:estoy|estaré|me encuentro|me encontraré)(?: [^\s.!?]+){0,5}? (?:ausente|vacaciones|de (?:baja|viaje|permiso)|fuera de)\b",
        r"\b(?:sono|sarò|mi trovo)(?: [^\s.!?]+){0,5}? (?:assente|in (?:ferie|vacanza|malattia|maternità)|fuori (?:ufficio|sede))\b",
        r"\bik (?:ben|heb)(?: [^\s.!?]+){0,8}? (?:afwezig|vakantie|verlof|niet (?:op kantoor|aanwezig|bereikbaar)|weer (?:aanwezig|bereikbaar|terug))\b",
        r"\b(?:estou|estarei|encontro-me|encontrar-me-ei)(?: [^\s.!?]+){0,5}? (?:ausente|férias|licença|baixa|fora do)\b",
        r"\b(?:jestem|będę|przebywam)(?: [^\s.!?]+){0,6}? (?:urlopie|nieobecn\w+|poza biurem|zwolnieniu|nieosiągaln\w+)\b|\b(?:wracam|wrócę)\b",
    ])
});
/// When somebody is back: a date, a day or a week.
static WHEN: Pattern = Pattern::new(|| {
    any(&[
        r"\b\d{1,2}\s?[./-]\s?\d{1,2}\b|\b(?:19|20)\d\d-\d\d-\d\d\b",
        r"\b\d{1,2}(?:st|nd|rd|th|er|[.:ºeª])?\s(?:de\s)?(?:jan|feb|fév|f[eé]v|mar|mär|maa|apr|avr|abr|maj|may|mai|mei|mag|giu|jun|jui|jul|kes|heinä|hein|lug|lip|aug|aoû|ago|elo|sie|sep|set|syy|wrz|okt|oct|out|ott|loka|paź|nov|noi|lis|marras|dec|dez|dic|déc|des|joulu|gru|czer|stycz|lut|kwie|huh|tou|ene|gen)",
        r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}\b",
        r"\b(?:v\.?|vecka|veckorna|uge|uke|week|wk|kw|kalenderwoche|semaine|viikko|viikolla|settimana|semana|tydzień)\s?\d{1,2}\b",
        r"\b(?:måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|mandag|tirsdag|lørdag|søndag|maanantai|tiistai|keskiviikko|torstai|perjantai|montag|dienstag|mittwoch|donnerstag|freitag|lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|miércoles|jueves|viernes|lunedì|martedì|mercoledì|giovedì|venerdì|maandag|dinsdag|woensdag|donderdag|vrijdag|segunda|terça|quarta|quinta|sexta|poniedział|wtor|środ|czwart|piąt|monday|tuesday|wednesday|thursday|friday)",
        r"\b(?:denna|hela|this|next|nästa|diese|nächste|cette|esta|questa|deze|denne|tämän|w tym) (?:veckan?|week|woche|semaine|semana|settimana|uge|uken?|viikon|tygodniu|månad(?:en)?|month)",
    ])
});
/// Text that says what happens to mail meanwhile.
static MEANWHILE: Pattern = Pattern::new(|| {
    any(&[
        r"\bi(?: will|['’]ll| shall) (?:reply|respond|answer|get back|read)|\bin my absence\b|\burgent|\bplease contact\b|\bnot be (?:read|forwarded)\b",
        r"\b(?:svarar|läser|besvarar) (?:på |inte )?(?:ditt|era?|dina|mejl|mail|e-post|när|så)|\b(?:mejl|mail|e-post)(?:en|et)? (?:läses|besvaras|vidarebefordras)|\bbrådskande\b|\bkontakta\b|\bunder tiden\b|\båterkommer\b|\bkan inte läsa\b",
        r"\bhaste(?:r|nde)\b|\bsvarer\b|\bbesvare[rs]\b|\bta kontakt\b|\btag kontakt\b|\bkontakt(?:e)? (?:venligst|gjerne|min)\b",
        r"\bkiireelli|\bvastaan\b|\bota(?:ttehan|kaa)? yhteyttä\b|\byhteyttä\b",
        r"\bdringend|\bwenden sie sich\b|\bweitergeleitet\b|\bvertretung\b|\bvertritt\b|\brückkehr\b|\bantworte\b|\bbearbeite[nt]?\b",
        r"\burgen|\brépondr|\bcontacte[rz]\b|\bmon retour\b",
        r"\bresponder|\bcontact(?:e|ar|en)\b|\bmi (?:regreso|vuelta)\b",
        r"\brisponder|\bcontattare\b|\bmio rientro\b|\brivolgersi\b",
        r"\bbeantwoord|\bcontact op\b|\bneem contact\b|\bspoed",
        r"\bmeu regresso\b",
        r"\bpiln|\bodpowiem\b|\bodpowiadam\b|\bprosz[eę] o kontakt\b|\bskontakt",
    ])
});
/// Subjects of a person's answer to an automatic mail: "Sv: Automatiskt svar: …".
static ANSWERED: Pattern = Pattern::new(|| compile(r"^(?:re|sv|aw|vs|antw|odp|res|rif|r)\s?:"));

/// The evidence that the mail is an absence reply; none if it is not. `visible` is its text without quotes.
#[must_use]
pub fn read(parts: &Parts, clues: &Clues, visible: &str) -> Option<Vec<String>> {
    let subject = clues.subject.trim();
    let beginning: String = visible.chars().take(1_500).collect();
    let words = WORDS.is_in(&beginning);
    let replied =
        clues.auto_submitted.as_deref().is_some_and(|value| value == "auto-replied" || value == "auto-generated");
    let field = FIELDS.iter().find(|name| parts.header.says(name));
    let automatic = replied || field.is_some() || clues.null_sender || !clues.evidence.is_empty();
    let listed = parts.header.has_any("list-");
    if listed || clues.daemon || ANSWERED.is_in(subject) && !automatic {
        return None;
    }
    let told = if automatic {
        let begins = LABELLED_AUTOMATIC.is_in(subject) || LABELLED_AWAY.is_in(subject);
        match (SUBJECT.is_in(subject), words, begins) {
            (true, true, _) => true,
            (true, false, true) | (false, true, _) => !TICKET.is_in(&beginning),
            _ => false,
        }
    } else {
        without_header(parts, subject, &beginning, words)
    };
    told.then(|| {
        let mut evidence = vec![format!("the subject \"{}\"", short(subject))];
        evidence.extend(clues.auto_submitted.iter().map(|value| format!("Auto-Submitted: {value}")));
        evidence.extend(field.map(|name| format!("an {name} field")));
        if words || !automatic {
            evidence.push("it says that somebody is away".to_owned());
        }
        evidence
    })
}

/// Whether the label and the text alone show that the mail is an absence reply.
fn without_header(parts: &Parts, subject: &str, beginning: &str, words: bool) -> bool {
    let is_away = IS_AWAY.is_in(beginning);
    let long = beginning.split_whitespace().count();
    if LABELLED_AUTOMATIC.is_in(subject) {
        return is_away || words && long <= MOST_WORDS;
    }
    if !LABELLED_AWAY.is_in(subject) || !is_away || long > MOST_WORDS {
        return false;
    }
    let answers = parts.header.get("in-reply-to").is_some() || parts.header.get("references").is_some();
    let asks = beginning.contains('?');
    MEANWHILE.is_in(beginning) && (WHEN.is_in(beginning) || !asks)
        || answers && !asks
        || WHEN.is_in(beginning) && !asks && long <= FEW_WORDS
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&SUBJECT, &WORDS, &LABELLED_AUTOMATIC, &LABELLED_AWAY, &IS_AWAY, &WHEN, &MEANWHILE, &ANSWERED]
}
