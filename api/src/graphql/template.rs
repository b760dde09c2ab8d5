//! The templates of a seller's letters.

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

/// A kind of letter for which a seller may have its own template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "LetterTemplateKind")]
pub enum TemplateKind {
    /// Confirms that a complaint was received, and says who answers for it and when the customer hears more.
    Acknowledgement,
    /// Confirms that an e-mail was added to a case.
    Addition,
    /// Carries what a member of staff wrote to the customer.
    Message,
    /// Tells the customer that the plan or the owner of the case has changed; `message` says what.
    Update,
}

impl From<TemplateKind> for LetterKind {
    fn from(kind: TemplateKind) -> Self {
        match kind {
            TemplateKind::Acknowledgement => Self::Acknowledgement,
            TemplateKind::Addition => Self::Addition,
            TemplateKind::Message => Self::Message,
            TemplateKind::Update => Self::Update,
        }
    }
}

/// A letter template. `{{name}}` is replaced by a value: `reference`, `subject`, `owner`, `seller`, `customer`, `due`,
/// `message` or `link`. `{{#due}} … {{/due}}` is kept only when `due` has a value, `{{^due}} … {{/due}}` only when it
/// has none. The same works for the other values.
#[derive(InputObject)]
pub struct LetterTemplateInput {
    /// The subject of the letter, in one line; at most 200 characters.
    subject: String,
    /// The plain text of the letter; at most 20,000 characters.
    text: String,
    /// The HTML of the letter; at most 100,000 characters. When left out, it is made from the text.
    html: Option<String>,
}

impl From<LetterTemplateInput> for Template {
    fn from(LetterTemplateInput { subject, text, html }: LetterTemplateInput) -> Self {
        Self { subject, text, html }
    }
}

/// The input of `setLetterTemplate`.
#[derive(InputObject)]
pub struct SetLetterTemplateInput {
    /// The id of the seller whose template is set or removed.
    seller_id: ID,
    /// The kind of letter that the template is for.
    kind: TemplateKind,
    /// The language that the template is for.
    language: Language,
    /// The template. When left out, the seller's template is removed and the built-in one is used again.
    template: Option<LetterTemplateInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `setLetterTemplate`.
    SetLetterTemplatePayload {
        /// The seller whose template was set.
        seller: Seller
    }
}

/// A letter as it would read, filled in with made-up values.
#[derive(SimpleObject)]
pub struct LetterPreview {
    /// The subject of the letter.
    subject: String,
    /// The plain text of the letter.
    text: String,
    /// The HTML of the letter, as a complete document.
    html: String,
    /// The template that the letter was made from, as a starting point for changes.
    template: LetterTemplate,
}

/// A letter template, with placeholders for values.
#[derive(SimpleObject)]
pub struct LetterTemplate {
    /// The subject of the letter.
    subject: String,
    /// The plain text of the letter.
    text: String,
    /// The HTML of the template; null when the HTML is made from the text.
    html: Option<String>,
}

/// Queries on letter templates.
#[derive(Default)]
pub struct TemplateQuery;

#[Object]
impl TemplateQuery {
    /// A letter as it would read, filled in with made-up values. It is made from the given template, else from the
    /// seller's, else from the built-in one. The given template is not checked. For
    /// staff, and for systems of the seller with the scope `CASES_READ`.
    async fn preview_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the seller whose letter it is.")] seller_id: ID,
        #[graphql(desc = "The kind of letter.")] kind: TemplateKind,
        #[graphql(desc = "The language of the letter.")] language: Language,
        #[graphql(desc = "A template to try instead of the seller's.")] template: Option<LetterTemplateInput>,
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

/// Acts on letter templates.
#[derive(Default)]
pub struct TemplateMutation;

#[Object]
impl TemplateMutation {
    /// Sets or removes a seller's template for letters of one kind and language. It is refused with `INVALID`, naming
    /// the field, when the template is faulty. For administrators.
    async fn set_letter_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind and language, and the template.")] input: SetLetterTemplateInput,
    ) -> Result<SetLetterTemplatePayload> {
        let template = input.template.map(Template::from);
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            own::set(work, seller, (input.kind.into(), input.language), template.clone()).await
        });
        Ok(done.await?.into())
    }
}
