//! What a seller says in its letters.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use entity::id::SellerId;
use entity::kind::{Language, LetterKind};

use super::context::{ContextExt, act, id, query_error, read_error, signed_in};
use super::error::payload;
use super::seller::Seller;
use crate::access::table::{Action, may, to_directory};
use crate::kit::error::Problem;
use crate::letter::template::Template;
use crate::letter::{own, template_of};

/// A kind of letter whose words a seller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "LetterTemplateKind")]
pub enum TemplateKind {
    /// A complaint was received.
    Acknowledgement,
    /// More was added to a case.
    Addition,
    /// What the owner wrote to the customer.
    Message,
}

impl From<TemplateKind> for LetterKind {
    fn from(kind: TemplateKind) -> Self {
        match kind {
            TemplateKind::Acknowledgement => Self::Acknowledgement,
            TemplateKind::Addition => Self::Addition,
            TemplateKind::Message => Self::Message,
        }
    }
}

/// The words of a letter. `{{name}}` stands for a value: `reference`, `subject`, `owner`, `seller`, `customer`, `due`,
/// `message`, `link`; `{{#due}} … {{/due}}` is there only when the value is, `{{^due}} … {{/due}}` only when it is not.
#[derive(InputObject)]
pub struct LetterTemplateInput {
    /// Its subject, in one line; at most 200 characters.
    subject: String,
    /// Its words; at most 20,000 characters.
    text: String,
    /// Its HTML; made from the words when left out. At most 100,000 characters.
    html: Option<String>,
}

impl From<LetterTemplateInput> for Template {
    fn from(LetterTemplateInput { subject, text, html }: LetterTemplateInput) -> Self {
        Self { subject, text, html }
    }
}

/// Sets what a seller says in letters of one kind and language.
#[derive(InputObject)]
pub struct SetLetterTemplateInput {
    /// Which seller.
    seller_id: ID,
    /// Which kind of letter.
    kind: TemplateKind,
    /// In which language.
    language: Language,
    /// The words; left out, the service's own are used again.
    template: Option<LetterTemplateInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `setLetterTemplate`.
    SetLetterTemplatePayload {
        /// The seller.
        seller: Seller
    }
}

/// A letter as it would read, with made-up values.
#[derive(SimpleObject)]
pub struct LetterPreview {
    /// Its subject.
    subject: String,
    /// Its words.
    text: String,
    /// Its HTML, a whole document.
    html: String,
    /// The words it is made of, to begin from.
    template: LetterTemplate,
}

/// The words of a letter, with places for values.
#[derive(SimpleObject)]
pub struct LetterTemplate {
    /// Its subject.
    subject: String,
    /// Its words.
    text: String,
    /// Its HTML; null when it is made from the words.
    html: Option<String>,
}

/// Reads of what letters say.
#[derive(Default)]
pub struct TemplateQuery;

#[Object]
impl TemplateQuery {
    /// A letter as it would read, with made-up values: in these words, else in the seller's, else in the service's. For staff.
    async fn preview_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which seller.")] seller_id: ID,
        #[graphql(desc = "Which kind of letter.")] kind: TemplateKind,
        #[graphql(desc = "In which language.")] language: Language,
        #[graphql(desc = "Words to try.")] template: Option<LetterTemplateInput>,
    ) -> Result<LetterPreview> {
        signed_in(ctx)?;
        let not_found = || query_error(&Problem::not_found("sellerId"));
        let seller = seller_id.parse::<SellerId>().map_err(|_| not_found())?;
        let row = ctx.loaders().sellers.one(seller).await.map_err(read_error)?.ok_or_else(not_found)?;
        if !may(to_directory(ctx.actor(), seller), Action::ReadDirectory) {
            return Err(not_found());
        }
        let template = match template {
            Some(template) => template.into(),
            None => template_of(ctx.db(), seller, kind.into(), language).await.map_err(read_error)?,
        };
        let rendered = own::preview(&template, &row.name, language);
        let Template { subject, text, html } = template;
        Ok(LetterPreview {
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            template: LetterTemplate { subject, text, html },
        })
    }
}

/// Acts on what letters say.
#[derive(Default)]
pub struct TemplateMutation;

#[Object]
impl TemplateMutation {
    /// Sets what a seller says in letters of one kind and language. For administrators.
    async fn set_letter_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and the words.")] input: SetLetterTemplateInput,
    ) -> Result<SetLetterTemplatePayload> {
        let template = input.template.map(Template::from);
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            own::set(work, seller, (input.kind.into(), input.language), template.clone()).await
        });
        Ok(done.await?.into())
    }
}
