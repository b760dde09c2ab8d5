//! What a complaint form asks: for the form itself, for administrators who set it, and the answers.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use entity::json::{FormCategory, FormContent, FormQuestion};
use entity::kind::QuestionKind;
use entity::widget;
use sea_orm::EntityTrait;

use super::context::{ContextExt, forbidden, required_row, signed_in};
use crate::directory::form::{FormAnswer as Answered, GivenAnswer};
use crate::kit::actor::Actor;
use crate::texts;

/// What a complaint form asks.
pub struct FormContents(pub FormContent);

/// What a complaint form asks.
#[Object]
impl FormContents {
    /// What the customer reads above the form; null when nothing is set.
    async fn intro(&self) -> Option<&str> {
        self.0.intro.as_deref()
    }

    /// What the customer reads when the complaint was filed; null when nothing is set.
    async fn thanks(&self) -> Option<&str> {
        self.0.thanks.as_deref()
    }

    /// The categories that the form offers, in the order in which it shows them; at most 50. When there are none, the
    /// form does not ask, and any category is taken.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn categories(&self) -> Vec<ComplaintFormCategory> {
        self.0.categories.iter().cloned().map(ComplaintFormCategory).collect()
    }
}

/// A category that a form offers.
pub struct ComplaintFormCategory(FormCategory);

/// A category that a form offers.
#[Object]
impl ComplaintFormCategory {
    /// The name of the category, which the form sends as `category`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The questions of this category, in the order in which the form asks them; at most 20.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn questions(&self) -> Vec<ComplaintFormQuestion> {
        self.0.questions.iter().cloned().map(Into::into).collect()
    }
}

/// A question of a form.
#[derive(SimpleObject)]
pub struct ComplaintFormQuestion {
    /// The name by which answers refer to the question, unique in its category.
    key: String,
    /// The question as the customer reads it.
    text: String,
    /// The kind of answer that it asks for.
    kind: QuestionKind,
    /// Whether it must be answered.
    required: bool,
    /// The possible answers of a question of the kind `CHOICE`; empty for others.
    choices: Vec<String>,
}

impl From<FormQuestion> for ComplaintFormQuestion {
    fn from(FormQuestion { key, text, kind, required, choices }: FormQuestion) -> Self {
        Self { key, text, kind, required, choices }
    }
}

/// The complaint form of the caller's key.
pub struct ComplaintForm(widget::Model);

/// The complaint form of the caller's key.
#[Object]
impl ComplaintForm {
    /// The name of the company that the complaints are for.
    async fn seller_name(&self, ctx: &Context<'_>) -> Result<String> {
        required_row(ctx.loaders().sellers.one(self.0.seller_id).await).map(|seller| seller.name)
    }

    /// What the form asks.
    async fn contents(&self) -> FormContents {
        FormContents(self.0.form.clone())
    }

    /// The most characters of `fileComplaint(text)`.
    async fn longest_text(&self) -> i32 {
        i32::try_from(crate::message::LONGEST).unwrap_or(i32::MAX)
    }

    /// The most characters of an answer of the kind `TEXT`.
    async fn longest_answer(&self) -> i32 {
        i32::try_from(crate::directory::form::ANSWER).unwrap_or(i32::MAX)
    }
}

/// Reads by a complaint form.
#[derive(Default)]
pub struct FormQuery;

#[Object]
impl FormQuery {
    /// What a complaint form needs to show itself. For forms, by publishable key.
    async fn form(&self, ctx: &Context<'_>) -> Result<ComplaintForm> {
        signed_in(ctx)?;
        let Actor::Widget { id, .. } = ctx.actor() else {
            return Err(forbidden(texts::api::form_for_widgets()));
        };
        required_row(widget::Entity::find_by_id(id).one(ctx.db()).await).map(ComplaintForm)
    }
}

/// What a complaint form asks.
#[derive(InputObject, Clone)]
pub struct FormInput {
    /// What the customer reads above the form; at most 2,000 characters.
    intro: Option<String>,
    /// What the customer reads when the complaint was filed; at most 2,000 characters.
    thanks: Option<String>,
    /// The categories to offer, in this order; at most 50. When there are none, the form does not ask.
    #[graphql(default)]
    categories: Vec<FormCategoryInput>,
}

/// A category that a form offers.
#[derive(InputObject, Clone)]
pub struct FormCategoryInput {
    /// The name of the category; 1 to 100 characters. Rules use it.
    name: String,
    /// The questions of this category, in this order; at most 20.
    #[graphql(default)]
    questions: Vec<FormQuestionInput>,
}

/// A question of a form.
#[derive(InputObject, Clone)]
pub struct FormQuestionInput {
    /// The name by which answers refer to the question, unique in its category; 1 to 50 characters.
    key: String,
    /// The question as the customer reads it; 1 to 500 characters.
    text: String,
    /// The kind of answer that it asks for.
    kind: QuestionKind,
    /// Whether it must be answered.
    #[graphql(default)]
    required: bool,
    /// The possible answers of a question of the kind `CHOICE`; at most 50, of 1 to 200 characters.
    #[graphql(default)]
    choices: Vec<String>,
}

impl FormInput {
    /// The contents of the form, not checked yet.
    #[must_use]
    pub fn read(&self) -> FormContent {
        let question = |question: &FormQuestionInput| FormQuestion {
            key: question.key.clone(),
            text: question.text.clone(),
            kind: question.kind,
            required: question.required,
            choices: question.choices.clone(),
        };
        let category = |category: &FormCategoryInput| FormCategory {
            name: category.name.clone(),
            questions: category.questions.iter().map(question).collect(),
        };
        FormContent {
            intro: self.intro.clone(),
            thanks: self.thanks.clone(),
            categories: self.categories.iter().map(category).collect(),
        }
    }
}

/// An answer to a question of a form.
#[derive(InputObject, Clone)]
pub struct FormAnswerInput {
    /// The key of the question.
    question: String,
    /// The answer: a text of at most 2,000 characters, one of the choices, a day such as 2026-11-02, or a number such as
    /// 12.5. An empty text is no answer.
    value: String,
}

impl FormAnswerInput {
    /// The answer, not checked yet.
    #[must_use]
    pub fn read(&self) -> GivenAnswer {
        GivenAnswer { question: self.question.clone(), value: self.value.clone() }
    }
}

/// An answer to a question of a form, with the question as it was asked.
pub struct FormAnswer(pub Answered);

/// An answer to a question of a form, with the question as it was asked.
#[Object]
impl FormAnswer {
    /// The key of the question.
    async fn question(&self) -> &str {
        &self.0.question
    }

    /// The question as the customer read it.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// The kind of answer that it asked for.
    async fn kind(&self) -> QuestionKind {
        self.0.kind
    }

    /// The answer: the text, the choice, the day (2026-11-02) or the number (12.5).
    async fn value(&self) -> &str {
        &self.0.value
    }
}
