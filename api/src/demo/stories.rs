//! What happened at the demo company in the last quarter, as data: what customers complained about, and how it went on.

/// Something that happens to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happens {
    /// The owner acknowledges, and the customer hears from them again within so many hours.
    Acknowledged(i64),
    /// The owner writes to the customer.
    Wrote(&'static str),
    /// The owner leaves a note.
    Noted(&'static str),
    /// The owner calls the customer, who answers or not.
    Called(bool),
    /// The customer writes.
    CustomerWrote(&'static str),
    /// The customer calls about the case.
    CustomerCalled(&'static str),
    /// The customer asks for news with the button on their page.
    AskedForNews,
    /// The owner promises something within so many hours.
    Promised(&'static str, i64),
    /// What was promised last is done.
    Kept(&'static str),
    /// The owner sets a plan: what, and within how many hours.
    Planned(&'static [(&'static str, i64)]),
    /// The first step of the plan is done.
    StepDone(&'static str),
    /// A partner is asked: Fiber Norr or Studsmontage.
    Asked(Supplier, &'static str),
    /// The partner that was asked last accepts, and expects to be done within so many hours.
    Accepted(i64),
    /// The partner that was asked last tells how it goes.
    Updated(&'static str),
    /// The partner that was asked last is done.
    Completed(&'static str),
    /// The partner that was asked last declines.
    Declined(&'static str),
    /// The owner finds out which of the partners is responsible.
    Disputed(&'static str),
    /// The owner offers the case to a colleague.
    Offered(&'static str),
    /// The colleague accepts.
    Taken,
    /// The case is merged into the one before it, which is about the same.
    Merged,
    /// The company gives its answer.
    Closed(&'static str),
}

/// A partner of the demo company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supplier {
    /// Fiber Norr, which delivers broadband.
    Fibre,
    /// Studsmontage, which assembles trampolines.
    Assembly,
}

/// How a complaint came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the form on the shop's page.
    Form,
    /// By e-mail.
    Mail,
    /// By telephone.
    Phone,
    /// At the counter.
    Counter,
}

/// A customer's complaint, in their own words.
#[derive(Debug, Clone, Copy)]
pub struct Complaint {
    /// The customer's name.
    pub name: &'static str,
    /// How it came in.
    pub way: Way,
    /// The subject.
    pub subject: &'static str,
    /// What the customer said.
    pub words: &'static str,
}

/// What customers complained about.
pub const COMPLAINTS: &[Complaint] = &[
    Complaint {
        name: "Karin Nord",
        way: Way::Mail,
        subject: "Studsmattan kom utan hoppduk",
        words: "Studsmattan levererades utan hoppduk. Säljaren sa att allt fanns i lager.",
    },
    Complaint {
        name: "Ove Lund",
        way: Way::Phone,
        subject: "Montören kom aldrig",
        words: "Jag beställde trampolin med montering. Montören kom aldrig, och ingen ringer tillbaka.",
    },
    Complaint {
        name: "Åsa Berg",
        way: Way::Form,
        subject: "Bredbandet har legat nere i tre veckor",
        words: "Bredbandet har legat nere i tre veckor. Fiberbolaget säger att det är utanför deras ansvar.",
    },
    Complaint {
        name: "Leila Haddad",
        way: Way::Form,
        subject: "Fel router",
        words: "Jag fick fel router till mitt fiber och kan inte koppla in den.",
    },
    Complaint {
        name: "Sten Frisk",
        way: Way::Mail,
        subject: "Sprucken ram",
        words: "Ramen på studsmattan har en spricka. Ni skyller på montören och montören på er.",
    },
    Complaint {
        name: "Ingrid Moberg",
        way: Way::Counter,
        subject: "Växthuset läcker",
        words: "Växthuset som ni monterade läcker vid taket när det regnar.",
    },
    Complaint {
        name: "Jonas Wik",
        way: Way::Form,
        subject: "Långsamt internet på kvällen",
        words: "Internet är så långsamt på kvällen att barnen inte kan göra läxorna.",
    },
    Complaint {
        name: "Marta Kowalska",
        way: Way::Mail,
        subject: "Dubbel faktura för bredband",
        words: "Jag har fått två fakturor för samma månad bredband.",
    },
    Complaint {
        name: "Nils Alm",
        way: Way::Phone,
        subject: "Gräsklipparen startar inte",
        words: "Gräsklipparen har aldrig startat. Jag har väntat på en ny i två veckor.",
    },
    Complaint {
        name: "Eva Ek",
        way: Way::Form,
        subject: "Leveransen lämnades hos fel granne",
        words: "Paketet lämnades hos en granne som jag inte känner, och spaden saknas.",
    },
    Complaint {
        name: "Hassan Ali",
        way: Way::Form,
        subject: "Fiberkabeln grävdes av",
        words: "När ni grävde för grannens fiber grävdes vår kabel av. Ingen vill laga den.",
    },
    Complaint {
        name: "Britta Sjö",
        way: Way::Mail,
        subject: "Bastun är för trång",
        words: "Bastun är tio centimeter mindre än det stod i annonsen.",
    },
];

/// The story of a case: pairs of the hours since its opening and what happens then.
pub type Course = &'static [(i64, Happens)];

use Happens::{
    Accepted, Acknowledged, Asked, AskedForNews, Called, Closed, Completed, CustomerCalled, CustomerWrote, Declined,
    Disputed, Kept, Merged, Noted, Offered, Planned, Promised, StepDone, Taken, Updated, Wrote,
};

/// How cases of the past ended: they are older than six weeks.
pub const ENDED: &[Course] = &[
    &[
        (3, Acknowledged(48)),
        (20, Asked(Supplier::Assembly, "Montera om ramen")),
        (26, Accepted(72)),
        (46, Wrote("Montören kommer på torsdag.")),
        (90, Completed("Ramen är bytt och monterad.")),
        (94, Closed("Ramen är bytt. Hör av dig om något inte stämmer.")),
    ],
    &[
        (5, Acknowledged(72)),
        (28, Promised("Du får en länk så att du kan följa paketet", 20)),
        (44, Kept("Länken skickades")),
        (70, Closed("Vi har skickat en ny och lagt till fri frakt.")),
    ],
    &[
        (2, Acknowledged(24)),
        (50, AskedForNews),
        (52, Called(true)),
        (75, Promised("Du får pengarna tillbaka", 48)),
        (140, Called(true)),
        (141, Kept("Betalt i dag")),
        (150, Closed("Pengarna är tillbaka på ditt konto. Förlåt att det tog så lång tid.")),
    ],
    &[
        (1, Acknowledged(48)),
        (4, Asked(Supplier::Fibre, "Mät linjen")),
        (8, Declined("Det är routern, inte linjen.")),
        (10, Asked(Supplier::Assembly, "Byt routern")),
        (30, Declined("Vi har inte levererat routern.")),
        (32, Disputed("Är det linjen eller routern?")),
        (48, Called(true)),
        (96, Closed("Vi har bytt routern. Det var vårt ansvar.")),
    ],
    &[(6, Acknowledged(48)), (40, CustomerWrote("Det har löst sig.")), (45, Closed("Tack för att du sa till."))],
];

/// How cases stand that are open: the latest of them began hours ago.
pub const OPEN: &[(i64, Course)] = &[
    // Just in.
    (1, &[]),
    (3, &[]),
    // Nobody has contacted the customer, who has begun to ask.
    (120, &[(70, CustomerWrote("Hör ni av er?")), (100, CustomerCalled("Jag vill veta vad som händer."))]),
    (60, &[(50, AskedForNews)]),
    // Acknowledged, and everything in time.
    (20, &[(3, Acknowledged(96))]),
    (30, &[(4, Acknowledged(72)), (22, Noted("Väntar på besked från lagret."))]),
    // A plan, of which one step is done.
    (
        80,
        &[
            (2, Acknowledged(120)),
            (
                5,
                Planned(&[
                    ("Vi ser på felet hos dig", 60),
                    ("En ny skickas", 150),
                    ("Vi ringer och hör att allt fungerar", 220),
                ]),
            ),
            (50, StepDone("Teknikern var där")),
            (51, Called(true)),
        ],
    ),
    (40, &[(4, Acknowledged(96)), (6, Planned(&[("Vi mäter linjen", 70), ("Du får veta vad vi kom fram till", 90)]))]),
    // A partner does its part, or is late with it.
    (
        70,
        &[
            (2, Acknowledged(96)),
            (5, Asked(Supplier::Fibre, "Mät linjen")),
            (9, Accepted(120)),
            (50, Updated("Kabeln är lokaliserad.")),
            (52, Wrote("Vi har hittat felet på kabeln.")),
        ],
    ),
    (
        110,
        &[(3, Acknowledged(110)), (6, Asked(Supplier::Assembly, "Montera om")), (30, Noted("Ringt dem, inget svar."))],
    ),
    // Two partners decline, and it is to be found out whose it is.
    (
        90,
        &[
            (2, Acknowledged(120)),
            (4, Asked(Supplier::Fibre, "Laga kabeln")),
            (20, Declined("Inte vår kabel.")),
            (22, Asked(Supplier::Assembly, "Var det ni som grävde?")),
            (44, Declined("Vi grävde inte där.")),
            (46, Disputed("Vem grävde av kabeln?")),
        ],
    ),
    // Three promises: in stock and sent today, a link tomorrow, in ten days.
    (
        300,
        &[
            (2, Acknowledged(24)),
            (3, Promised("Hoppduken finns i lager och skickas i dag", 8)),
            (30, CustomerWrote("Ingen hoppduk har kommit.")),
            (32, Promised("Du får en länk till paketet i morgon", 24)),
            (80, CustomerCalled("Ingen länk heller.")),
            (82, Promised("Hoppduken kommer inom tio dagar", 200)),
        ],
    ),
    (100, &[(4, Acknowledged(48)), (6, Promised("En tekniker ringer dig", 24))]),
    (60, &[(4, Acknowledged(72)), (6, Promised("Du får pengarna tillbaka", 100))]),
    // Offered to a colleague, and taken over by one.
    (26, &[(3, Acknowledged(72)), (22, Offered("Du kan växthus bättre än jag."))]),
    (
        150,
        &[
            (3, Acknowledged(48)),
            (20, Offered("Jag går på ledighet.")),
            (22, Taken),
            (30, Called(true)),
            (80, Wrote("Vi väntar på delar.")),
        ],
    ),
    // Tried to call, and heard nothing.
    (50, &[(6, Called(false)), (28, Called(false)), (30, Wrote("Vi har försökt ringa dig."))]),
    // Written about twice.
    (45, &[(2, Acknowledged(72))]),
    (44, &[(20, Merged)]),
    // Answered, and the customer came back.
    (
        200,
        &[
            (4, Acknowledged(48)),
            (40, Closed("Vi har skickat en ny.")),
            (150, CustomerWrote("Den nya är också trasig.")),
            (160, Called(true)),
        ],
    ),
];
