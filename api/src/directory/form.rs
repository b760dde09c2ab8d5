//! What a complaint form asks: the categories that it offers, with questions of their own. Pure, but for reading the
//! form of a widget.

use std::collections::BTreeSet;

use entity::id::WidgetId;
use entity::json::{FormCategory, FormContent, FormQuestion};
use entity::kind::QuestionKind;
use entity::widget;
use sea_orm::EntityTrait;
use sea_orm::prelude::Date;
use serde::{Deserialize, Serialize};

use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, optional, required};
use crate::kit::text::{clean, clean_line};
use crate::kit::work::Work;
use crate::texts;

/// The most categories that a form offers.
const CATEGORIES: usize = 50;
/// The most questions of a category.
const QUESTIONS: usize = 20;
/// The most choices of a question.
const CHOICES: usize = 50;
/// The most characters of an answer in text.
pub const ANSWER: usize = 2_000;

/// An answer as the form sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenAnswer {
    /// The key of the question.
    pub question: String,
    /// The answer.
    pub value: String,
}

/// An answer as it is stored with the report, with the question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    /// The key of the question.
    pub question: String,
    /// The question as the customer read it.
    pub text: String,
    /// What kind of answer it asks for.
    pub kind: QuestionKind,
    /// The answer: the text, the choice, the date (2026-11-02), or the number (12.5).
    pub value: String,
}

/// Cleans and checks what a form asks.
///
/// # Errors
/// A problem for each fault.
pub fn checked(wanted: &FormContent) -> Outcome<FormContent> {
    let mut problems = Problems::default();
    let text = |problems: &mut Problems, text: Option<&str>, field: &str| {
        problems.check(optional(text, field, ANSWER)).flatten().map(|text| clean(&text))
    };
    let intro = text(&mut problems, wanted.intro.as_deref(), "form.intro");
    let thanks = text(&mut problems, wanted.thanks.as_deref(), "form.thanks");
    too_many(&mut problems, wanted.categories.len(), CATEGORIES, "form.categories");
    let mut names = BTreeSet::new();
    let mut categories = Vec::new();
    for (place, category) in wanted.categories.iter().take(CATEGORIES).enumerate() {
        let field = format!("form.categories.{place}");
        let name = one_line(&mut problems, &category.name, &format!("{field}.name"), 100);
        if !names.insert(name.to_lowercase()) {
            problems.add(Problem::new(ErrorCode::Invalid, &format!("{field}.name"), texts::directory::twice()));
        }
        let questions = questions(&mut problems, category, &format!("{field}.questions"));
        categories.push(FormCategory { name, questions });
    }
    problems.refuse_if_any()?;
    Ok(FormContent { intro, thanks, categories })
}

fn too_many(problems: &mut Problems, count: usize, most: usize, field: &str) {
    if count > most {
        problems.add(Problem::new(ErrorCode::TooLong, field, texts::directory::too_many_of(most)));
    }
}

fn one_line(problems: &mut Problems, text: &str, field: &str, most: usize) -> String {
    problems.check(required(text, field, most)).map(|text| clean_line(&text)).unwrap_or_default()
}

fn questions(problems: &mut Problems, category: &FormCategory, path: &str) -> Vec<FormQuestion> {
    too_many(problems, category.questions.len(), QUESTIONS, path);
    let mut keys = BTreeSet::new();
    let mut found = Vec::new();
    for (place, question) in category.questions.iter().take(QUESTIONS).enumerate() {
        let field = format!("{path}.{place}");
        let key = one_line(problems, &question.key, &format!("{field}.key"), 50);
        if !keys.insert(key.clone()) {
            problems.add(Problem::new(ErrorCode::Invalid, &format!("{field}.key"), texts::directory::twice()));
        }
        let text = one_line(problems, &question.text, &format!("{field}.text"), 500);
        let list = format!("{field}.choices");
        too_many(problems, question.choices.len(), CHOICES, &list);
        if (question.kind == QuestionKind::Choice) == question.choices.is_empty() {
            problems.add(Problem::new(ErrorCode::Invalid, &list, texts::directory::choices_for_choice()));
        }
        let choices = question.choices.iter().take(CHOICES).enumerate();
        let choices = choices.map(|(at, choice)| one_line(problems, choice, &format!("{list}.{at}"), 200)).collect();
        found.push(FormQuestion { key, text, kind: question.kind, required: question.required, choices });
    }
    found
}

/// The form of a widget.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(work: &Work, id: WidgetId) -> Outcome<FormContent> {
    let row = widget::Entity::find_by_id(id).one(work.tx()?).await?;
    Ok(row.ok_or(Fault::Broken("an actor has a widget"))?.form)
}

/// Checks the answers to the questions of this category, and adds a problem for each that is missing or not of the
/// question's kind. A form without categories takes any category, and no answers.
pub fn answers(
    form: &FormContent,
    category: Option<&str>,
    given: &[GivenAnswer],
    problems: &mut Problems,
) -> Vec<FormAnswer> {
    let named = category.map(|name| form.categories.iter().find(|one| one.name.eq_ignore_ascii_case(name)));
    if let Some(None) = named.filter(|_| !form.categories.is_empty()) {
        problems.add(Problem::new(ErrorCode::Invalid, "category", texts::intake::category_not_offered()));
        return Vec::new();
    }
    let questions: &[FormQuestion] = named.flatten().map_or(&[], |category| &category.questions);
    for (place, answer) in given.iter().enumerate().take(QUESTIONS + 1) {
        let field = format!("answers.{place}.question");
        let known = questions.iter().any(|question| question.key == answer.question);
        let twice = given.iter().take(place).any(|other| other.question == answer.question);
        if !known {
            problems.add(Problem::new(ErrorCode::NotFound, &field, texts::intake::question_not_asked()));
        } else if twice {
            problems.add(Problem::new(ErrorCode::Invalid, &field, texts::directory::twice()));
        }
    }
    let mut found = Vec::new();
    for question in questions {
        let at = given.iter().position(|answer| answer.question == question.key);
        let value = at.and_then(|at| given.get(at)).map(|answer| clean(&answer.value).trim().to_owned());
        let (Some(at), Some(value)) = (at, value.filter(|value| !value.is_empty())) else {
            if question.required {
                let field = at.map_or("answers".to_owned(), |at| format!("answers.{at}.value"));
                let text = texts::intake::answer_missing(&question.text);
                problems.add(Problem::new(ErrorCode::Required, &field, text));
            }
            continue;
        };
        let field = format!("answers.{at}.value");
        if let Some(value) = problems.check(typed(question, &value, &field)) {
            let FormQuestion { key, text, kind, .. } = question.clone();
            found.push(FormAnswer { question: key, text, kind, value });
        }
    }
    found
}

/// The answer in the form in which answers of this kind are compared.
fn typed(question: &FormQuestion, value: &str, field: &str) -> Result<String, Problem> {
    let bad = |text| Problem::new(ErrorCode::Invalid, field, text);
    match question.kind {
        QuestionKind::Text => required(value, field, ANSWER),
        QuestionKind::Choice => {
            let found = question.choices.iter().find(|choice| *choice == value);
            found.cloned().ok_or_else(|| bad(texts::intake::not_a_choice()))
        }
        QuestionKind::Date => {
            let day = value.parse::<Date>().map_err(|_| bad(texts::intake::not_a_date()))?;
            Ok(day.to_string())
        }
        QuestionKind::Number => {
            let number = value.replace(',', ".");
            let plain = number.len() <= 30 && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
            let read = number.parse::<f64>().ok().filter(|number| plain && number.is_finite());
            read.map(|_| number).ok_or_else(|| bad(texts::intake::not_a_number()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> FormContent {
        let question = |key: &str, kind, required| FormQuestion {
            key: key.to_owned(),
            text: format!("{key}?"),
            kind,
            required,
            choices: if kind == QuestionKind::Choice { vec!["red".to_owned(), "blue".to_owned()] } else { vec![] },
        };
        let questions = vec![
            question("since", QuestionKind::Date, true),
            question("speed", QuestionKind::Number, false),
            question("lamp", QuestionKind::Choice, false),
            question("more", QuestionKind::Text, false),
        ];
        let categories = vec![FormCategory { name: "broadband".to_owned(), questions }];
        FormContent { intro: None, thanks: None, categories }
    }

    #[test]
    fn an_answer_is_of_its_questions_kind() {
        let since = ("since", "2026-11-01");
        for (category, given, expected) in [
            (Some("broadband"), vec![since], vec![]),
            (Some("Broadband"), vec![since, ("speed", "12,5"), ("lamp", "red"), ("more", "x")], vec![]),
            (Some("broadband"), vec![], vec!["answers"]),
            (Some("broadband"), vec![("since", " ")], vec!["answers.0.value"]),
            (Some("broadband"), vec![("since", "yesterday")], vec!["answers.0.value"]),
            (Some("broadband"), vec![since, ("speed", "fast")], vec!["answers.1.value"]),
            (Some("broadband"), vec![since, ("speed", "NaN")], vec!["answers.1.value"]),
            (Some("broadband"), vec![since, ("lamp", "green")], vec!["answers.1.value"]),
            (Some("broadband"), vec![since, since], vec!["answers.1.question"]),
            (Some("broadband"), vec![since, ("other", "x")], vec!["answers.1.question"]),
            (Some("garden"), vec![], vec!["category"]),
            (None, vec![], vec![]),
            (None, vec![since], vec!["answers.0.question"]),
        ] {
            let given: Vec<GivenAnswer> = given
                .iter()
                .map(|(question, value)| GivenAnswer { question: (*question).into(), value: (*value).into() })
                .collect();
            let mut problems = Problems::default();
            let read = answers(&form(), category, &given, &mut problems);
            let told = match problems.refuse_if_any() {
                Ok(()) => Vec::new(),
                Err(crate::kit::error::Refusal::Problems(problems)) => {
                    problems.into_iter().map(|problem| problem.field.join(".")).collect()
                }
                Err(other) => panic!("{other}"),
            };
            assert_eq!(told, expected, "{category:?} {given:?}");
            if told.is_empty() && given.len() == 4 {
                assert_eq!(
                    read.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(),
                    ["2026-11-01", "12.5", "red", "x"]
                );
            }
        }
    }
}
