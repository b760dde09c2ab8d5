//! How mappings read rows.

use super::row::Columns;
use super::*;
use crate::intake::report::File;
use uuid::Uuid;

fn mapping() -> Mapping {
    Mapping {
        source: "old".into(),
        id: "no".into(),
        received_at: Time { column: "in".into(), format: "%m/%d/%Y".into(), zone: "America/New_York".into() },
        closed_at: Some(Time {
            column: "out".into(),
            format: "%Y-%m-%dT%H:%M:%S%.f".into(),
            zone: super::mapping::utc(),
        }),
        channel: ChannelWords {
            column: Some("via".into()),
            words: BTreeMap::from([("Phone".into(), Channel::Phone)]),
            otherwise: Channel::Web,
        },
        text: vec!["story".into(), "issue".into()],
        subject: vec!["issue".into()],
        category: Some("kind".into()),
        product: None,
        order_reference: None,
        name: None,
        email: Some("mail".into()),
        phone: None,
        tags: vec!["state".into()],
        language: Some(Language::En),
    }
}

fn read(cells: &[(&str, &str)]) -> Result<Imported, Vec<String>> {
    let names: Vec<String> = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
    let columns = Columns::new(&names).unwrap();
    let raw = File { name: "row.csv".into(), content_type: "text/csv".into(), bytes: b"raw".to_vec().into() };
    let row = TableRow::new(&columns, cells.iter().map(|(_, value)| (*value).to_owned()).collect(), raw);
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    mapping().read(&row, SellerId(Uuid::nil()), now)
}

#[test]
fn a_row_is_read_with_its_own_dates_and_words() {
    let cells = [
        ("no", "511074"),
        ("in", "8/30/2013"),
        ("out", "2013-09-03T10:00:00.000"),
        ("via", "Phone"),
        ("issue", "Loan\nmodification"),
        ("kind", "Mortgage"),
        ("mail", "not an address"),
        ("state", "CA"),
    ];
    let Imported { arrived, closed_at } = read(&cells).unwrap();
    assert_eq!(arrived.received_at.to_rfc3339(), "2013-08-30T04:00:00+00:00");
    assert_eq!(closed_at.unwrap().to_rfc3339(), "2013-09-03T10:00:00+00:00");
    assert_eq!((arrived.channel, arrived.once.key.as_str()), (Channel::Phone, "3:old:511074"));
    assert_eq!((arrived.subject.as_deref(), arrived.words.as_str()), (Some("Loan modification"), "Loan\nmodification"));
    assert_eq!((arrived.about.category.as_deref(), arrived.about.tags.join(",")), (Some("Mortgage"), "ca".into()));
    assert_eq!(arrived.sender.email, None);
}

#[test]
fn what_is_wrong_with_a_row_is_said() {
    let sound = [("no", "1"), ("in", "8/30/2013"), ("story", "x")];
    assert!(read(&sound).is_ok());
    for (cell, reason) in [
        (("no", " "), "no: the row has no id"),
        (("story", ""), "story, issue: the row has no words"),
        (("in", ""), "in: the row has no time"),
        (("in", "30/8/2013"), "in: \"30/8/2013\" is no past time written as %m/%d/%Y"),
        (("in", "1/1/2030"), "in: \"1/1/2030\" is no past time written as %m/%d/%Y"),
        (("out", "2012-01-01T00:00:00"), "it was closed before it was received"),
    ] {
        let cells: Vec<_> = sound.into_iter().filter(|(name, _)| *name != cell.0).chain([cell]).collect();
        assert_eq!(read(&cells).unwrap_err(), [reason], "{cell:?}");
    }
    assert_eq!(
        mapping().wrong(&["no".into(), "in".into(), "out".into(), "via".into(), "story".into(), "kind".into()]),
        [
            "there is no column \"mail\"",
            "there is no column \"issue\"",
            "there is no column \"issue\"",
            "there is no column \"state\""
        ]
    );
}

#[test]
fn every_channel_can_be_named_and_the_report_has_what_its_channel_shows() {
    for channel in Channel::ALL {
        let words = BTreeMap::from([("So".to_owned(), *channel)]);
        let channels = ChannelWords { column: Some("VIA".into()), words, otherwise: Channel::Web };
        let mapping = Mapping { channel: channels, ..mapping() };
        let columns = Columns::new(&["no", "in", "story", "via"].map(str::to_owned)).unwrap();
        let cells = ["7", "8/30/2013", "x", " So "].map(str::to_owned).to_vec();
        let raw = File { name: String::new(), content_type: String::new(), bytes: Vec::new().into() };
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let arrived = mapping.read(&TableRow::new(&columns, cells, raw), SellerId(Uuid::nil()), now).unwrap().arrived;
        assert_eq!(arrived.channel, *channel);
        let register = match channel {
            Channel::Web | Channel::Partner => arrived.details["imported"]["externalId"].clone(),
            Channel::Email => json!("7"),
            _ => arrived.details["externalId"].clone(),
        };
        assert_eq!(register, "7", "{channel:?}");
    }
    let listed: Mapping = toml::from_str(
        "source = \"s\"\nid = \"no\"\nreceived_at = { column = \"in\", format = \"%F\" }\ntext = [\"story\"]\n\
         channel = { column = \"via\", words = { Brev = \"POST\", Fax = \"FAX\", ARN = \"REFERRAL\", Disk = \"VISIT\" }, otherwise = \"WEB\" }",
    )
    .unwrap();
    assert_eq!(listed.channel.words["Disk"], Channel::Visit);
}
