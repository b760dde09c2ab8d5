//! The company of the demo: a Swedish shop that sells trampolines and broadband, delivered by subcontractors.

use std::collections::BTreeMap;

use entity::id::{ApiClientId, PartnerContactId, PartnerId, SellerId, StaffId, TeamId, WidgetId};
use entity::json::{ServiceTime, ServiceTimes};
use entity::kind::{Language, MailTransport, Priority, Role};
use entity::{api_client, category, mailbox, partner, partner_contact, seller, staff, widget};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::directory::catalogue::{self, CategoryShape};
use crate::directory::mailbox::NewMailbox;
use crate::directory::seller::{NewSeller, Settings};
use crate::directory::staff::{NewPerson, Workload};
use crate::directory::team::TeamShape;
use crate::directory::{
    client, mailbox as mailboxes, partner as partners, seller as sellers, staff as people, system, team as teams,
};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Outcome, Refusal};
use crate::kit::money::Money;
use crate::kit::work::Work;
use crate::ownership::draft::Draft;
use crate::ownership::rule_set;
use crate::ownership::rules::{Condition, Policy, Rule, Target};

const SHOP: &str = "Hem & Hage";
const DOMAIN: &str = "hemochhage.example";

/// The people and systems of the demo that the guide uses.
#[derive(Debug, Clone)]
pub struct Company {
    /// The shop: the seller.
    pub seller: SellerId,
    /// Elin, the administrator.
    pub admin: StaffId,
    /// David, the manager.
    pub manager: StaffId,
    /// Anna, who owns broadband cases.
    pub owner: StaffId,
    /// Nils, a person at the partner Fiber Norr.
    pub partner: PartnerContactId,
    /// Maja, a person at the partner Studsmontage.
    pub other_partner: PartnerContactId,
    /// The API client of the mail gateway and telephone exchange.
    pub client: ApiClientId,
    /// The publishable key of the form on the shop's page.
    pub widget_key: String,
    /// The form on the shop's page.
    pub widget: WidgetId,
    /// The partner Fiber Norr.
    pub fibre: PartnerId,
    /// The partner Studsmontage.
    pub assembly: PartnerId,
    /// The other members of staff, by their first names.
    pub others: BTreeMap<String, StaffId>,
}

/// Finds the company in this store, or creates it. A demo that was stopped before the company was complete creates it
/// from the start.
///
/// # Errors
/// When the store cannot be used.
pub async fn find_or_make(app: &App) -> Result<Company, Refusal> {
    if let Some(known) = find(app).await? {
        return Ok(known);
    }
    // An act writes its rows at the end, and later steps read the rows of earlier ones, so there are several acts.
    // `find` looks for the shop's widget, which is therefore created last.
    let (seller, admin) = app.run(Actor::System, async |work| make_seller(work).await).await?;
    let admin = Actor::Staff { id: admin, seller, role: Role::PlatformAdministrator };
    let (owner, teams) = make_staff(app, admin, seller).await?;
    let (partner, trampolines) = make_partners(app, admin, seller).await?;
    make_catalogue(app, admin, seller, [("Broadband", partner), ("Garden", trampolines)]).await?;
    let manager = owner.manager;
    let rules = Draft::of(rules(&teams, manager, partner));
    app.run(admin, async move |work| rule_set::publish(work, seller, &rules).await).await?;
    make_mailbox(app, admin, seller).await?;
    app.run(admin, async move |work| client::create(work, (Some(seller), None), ("Växel och postgång", None)).await)
        .await?;
    app.run(admin, async move |work| system::create_widget(work, seller, "Reklamationsformuläret").await).await?;
    find(app).await?.ok_or(Refusal::Fault(crate::kit::error::Fault::Broken("the demo company was just made")))
}

async fn find(app: &App) -> Result<Option<Company>, DbErr> {
    let db = app.reader().db();
    let Some(widget) = widget::Entity::find().order_by_asc(widget::Column::Id).one(db).await? else { return Ok(None) };
    let seller = widget.seller_id;
    let person = async |name: &str| {
        let email = address(name);
        let found =
            staff::Entity::find().filter(staff::Column::SellerId.eq(seller)).filter(staff::Column::Email.eq(email));
        Ok::<_, DbErr>(found.one(db).await?.map(|person| person.id))
    };
    let contact = async |name: &str| {
        let found =
            partner::Entity::find().filter(partner::Column::SellerId.eq(seller)).filter(partner::Column::Name.eq(name));
        let Some(partner) = found.one(db).await? else { return Ok(None) };
        let contact =
            partner_contact::Entity::find().filter(partner_contact::Column::PartnerId.eq(partner.id)).one(db).await?;
        Ok::<_, DbErr>(contact.map(|contact| (partner.id, contact.id)))
    };
    let client = api_client::Entity::find().filter(api_client::Column::SellerId.eq(seller)).one(db).await?;
    let admin = person("Elin Sand").await?;
    let (manager, owner) = (person("David Strand").await?, person("Anna Lind").await?);
    let (partner, other) = (contact("Fiber Norr").await?, contact("Studsmontage").await?);
    let mut others = BTreeMap::new();
    for name in ["Farid Noori", "Carin Holm", "Bo Ek"] {
        let first = name.split(' ').next().unwrap_or_default().to_lowercase();
        others.extend(person(name).await?.map(|id| (first, id)));
    }
    let company = || {
        let ((fibre, partner), (assembly, other_partner)) = (partner?, other?);
        let client = client?.id;
        let widget_key = widget.publishable_key.clone();
        Some(Company {
            seller,
            admin: admin?,
            manager: manager?,
            owner: owner?,
            partner,
            other_partner,
            client,
            widget_key,
            widget: widget.id,
            fibre,
            assembly,
            others: others.clone(),
        })
    };
    Ok(company())
}

/// The e-mail address of a person: "Anna Lind" has anna@….
fn address(name: &str) -> String {
    format!("{}@{DOMAIN}", name.split(' ').next().unwrap_or_default().to_lowercase())
}

fn person(name: &str, role: Role) -> NewPerson {
    NewPerson { name: name.to_owned(), email: address(name), role, language: Language::Sv, load: Workload::default() }
}

/// How soon the shop's customers hear from it.
fn times() -> ServiceTimes {
    let clock = |hours| ServiceTime { hours, working: false };
    ServiceTimes { next_contact: Some(clock(72)), reply: Some(clock(24)), ..Settings::default().times }
}

async fn make_seller(work: &mut Work) -> Outcome<(SellerId, StaffId)> {
    let unfinished = seller::Entity::find().filter(seller::Column::Name.eq(SHOP)).one(work.tx()?).await?;
    if let Some(unfinished) = unfinished {
        return Ok((unfinished.id, unfinished.accountable_id));
    }
    let new = NewSeller {
        name: SHOP.to_owned(),
        language: Language::Sv,
        settings: Settings { times: times(), ..Settings::default() },
        accountable: person("Elin Sand", Role::PlatformAdministrator),
    };
    let (seller, admin) = sellers::create(work, &new).await?;
    Ok((seller.id, admin.id))
}

/// The address to which complaints are mailed, so that the shop answers by letter.
async fn make_mailbox(app: &App, admin: Actor, seller: SellerId) -> Outcome<()> {
    app.run(admin, async move |work| {
        let address = format!("kundservice@{DOMAIN}");
        let known = mailbox::Entity::find().filter(mailbox::Column::Address.eq(&address)).one(work.tx()?).await?;
        if known.is_none() {
            let new = NewMailbox {
                address,
                name: format!("{SHOP} kundservice"),
                category: None,
                language: None,
                transport: MailTransport::Http,
                trusted_senders: Vec::new(),
            };
            mailboxes::create(work, seller, &new).await?;
        }
        Ok(())
    })
    .await
}

struct Leads {
    manager: StaffId,
}

struct Teams {
    broadband: TeamId,
    garden: TeamId,
}

async fn make_staff(app: &App, admin: Actor, seller: SellerId) -> Outcome<(Leads, Teams)> {
    let hire = async |name: &'static str, role| {
        app.run(admin, async move |work| {
            let known = staff::Entity::find()
                .filter(staff::Column::SellerId.eq(seller))
                .filter(staff::Column::Email.eq(address(name)))
                .one(work.tx()?)
                .await?;
            match known {
                Some(known) => Ok(known.id),
                None => people::create(work, seller, &person(name, role)).await.map(|person| person.id),
            }
        })
        .await
    };
    let david = hire("David Strand", Role::Manager).await?;
    let anna = hire("Anna Lind", Role::Owner).await?;
    let farid = hire("Farid Noori", Role::Owner).await?;
    let carin = hire("Carin Holm", Role::Owner).await?;
    let bjorn = hire("Bo Ek", Role::Owner).await?;
    let form = async |name: &'static str, lead, members: Vec<StaffId>| {
        app.run(admin, async move |work| {
            let known = entity::team::Entity::find()
                .filter(entity::team::Column::SellerId.eq(seller))
                .filter(entity::team::Column::Name.eq(name))
                .one(work.tx()?)
                .await?;
            let shape = TeamShape { name: name.to_owned(), lead, members: members.clone() };
            match known {
                Some(known) => Ok(known.id),
                None => teams::create(work, seller, &shape).await.map(|team| team.id),
            }
        })
        .await
    };
    let broadband = form("Bredband", anna, vec![anna, farid]).await?;
    let garden = form("Trädgård", carin, vec![carin, bjorn]).await?;
    Ok((Leads { manager: david }, Teams { broadband, garden }))
}

async fn make_partners(app: &App, admin: Actor, seller: SellerId) -> Outcome<(PartnerId, PartnerId)> {
    let engage = async |name: &'static str, contact: &'static str, email: &'static str| {
        let known = app.run(admin, async move |work| {
            let known = partner::Entity::find()
                .filter(partner::Column::SellerId.eq(seller))
                .filter(partner::Column::Name.eq(name))
                .one(work.tx()?)
                .await?;
            match known {
                Some(known) => Ok(known.id),
                None => partners::create(work, seller, name).await.map(|partner| partner.id),
            }
        });
        let id = known.await?;
        app.run(admin, async move |work| {
            let known = partner_contact::Entity::find()
                .filter(partner_contact::Column::PartnerId.eq(id))
                .one(work.tx()?)
                .await?;
            if known.is_none() {
                let new = partners::NewContact {
                    name: contact.to_owned(),
                    email: email.to_owned(),
                    language: None,
                    tasks_by_mail: false,
                };
                partners::create_contact(work, id, &new).await?;
            }
            Ok(id)
        })
        .await
    };
    let fibre = engage("Fiber Norr", "Nils Fjell", "nils@fibernorr.example").await?;
    let trampolines = engage("Studsmontage", "Maja Stark", "maja@studsmontage.example").await?;
    Ok((fibre, trampolines))
}

/// Creates a category for each partner, so that the owner of such a complaint sees the partner without anybody entering
/// it.
async fn make_catalogue(
    app: &App,
    admin: Actor,
    seller: SellerId,
    delivered: [(&'static str, PartnerId); 2],
) -> Outcome<()> {
    for (name, partner) in delivered {
        app.run(admin, async move |work| {
            let known = category::Entity::find()
                .filter(category::Column::SellerId.eq(seller))
                .filter(category::Column::Name.eq(name))
                .one(work.tx()?)
                .await?;
            let shape = CategoryShape { name: name.to_owned(), parent: None, partners: vec![partner] };
            catalogue::set_category(work, seller, known.map(|known| known.id), &shape).await
        })
        .await?;
    }
    Ok(())
}

/// Expensive purchases go to the manager, broadband to its team, and the rest to the garden team.
fn rules(teams: &Teams, manager: StaffId, fibre: PartnerId) -> Vec<Rule> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let rule = |name: &str, when, assign_to, priority| {
        let then = Policy { priority, ..Policy::default() };
        Rule { name: name.to_owned(), when, assign_to, then }
    };
    let dear = Condition::AmountAtLeast(Money { minor: 2_000_000, currency: "SEK".to_owned() });
    vec![
        rule("Dyra köp", vec![dear], Target::Person(manager), Some(Priority::High)),
        rule(
            "Fiber Norr inblandad",
            vec![Condition::InvolvesPartner(vec![fibre])],
            Target::Team(teams.broadband),
            None,
        ),
        rule(
            "Bredband efter kategori",
            vec![Condition::CategoryIn(words(&["bredband", "broadband"]))],
            Target::Team(teams.broadband),
            None,
        ),
        rule(
            "Bredband efter ord",
            vec![Condition::TextContains(words(&["bredband", "broadband", "fiber", "router", "internet"]))],
            Target::Team(teams.broadband),
            None,
        ),
        rule("Allt annat", vec![], Target::Team(teams.garden), None),
    ]
}
