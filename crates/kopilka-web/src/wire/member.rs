//! Members as a shop names and describes them.

use super::consent::ConsentWire;
use super::{DayText, Word};
use crate::problem::Problem;
use kopilka_core::attribute::{AttributeValue, Attributes};
use kopilka_core::ids::MemberId;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_service::{Identifying, MemberRef, PersonPatch, Registration};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Object, OneOf, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// More phones, e-mails or cards than this are a shared account that wants another design.
pub const IDENTIFIERS_MAX: usize = 20;

/// A member by our id (`"m_…"`), by the shop's (`"ext:42"`), or by an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberName {
    Text(String),
    Identifier(IdentifierWire),
}

impl PartialSchema for MemberName {
    fn schema() -> RefOr<Schema> {
        let text = Object::builder().schema_type(Type::String).examples([json!("ext:42")]);
        let one_of = OneOf::builder().item(text).item(Ref::from_schema_name("IdentifierWire"));
        one_of.description(Some("A member: `m_…`, `ext:…`, or one identifier")).into()
    }
}
impl ToSchema for MemberName {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("IdentifierWire".to_owned(), IdentifierWire::schema()));
        IdentifierWire::schemas(schemas);
    }
}

/// Exactly one of these. A phone may be spelled as people do: `8 (912) 345-67-89`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierWire {
    pub id: Option<Word>,
    pub ext: Option<Word>,
    pub phone: Option<Word>,
    pub email: Option<Word>,
    pub card: Option<Word>,
}

impl<'de> Deserialize<'de> for MemberName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MemberName, D::Error> {
        deserializer.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = MemberName;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a member's id, ext:…, or an object with one identifier")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<MemberName, E> {
        Ok(MemberName::Text(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MemberName, A::Error> {
        IdentifierWire::deserialize(MapAccessDeserializer::new(map)).map(MemberName::Identifier)
    }
}

impl MemberName {
    /// Whom the body names; `pointer` is where it stands there.
    pub fn reference(&self, program: &Program, pointer: &str) -> Result<MemberRef, Problem> {
        match self {
            MemberName::Text(text) => by_text(text, program).map_err(|p| p.at(pointer)),
            MemberName::Identifier(identifier) => identifier.reference(program, pointer),
        }
    }
}

/// `m_…` or `ext:…`, as addresses and bodies name a member; anything else names nobody.
pub fn by_text(text: &str, program: &Program) -> Result<MemberRef, Problem> {
    if let Some(ext) = text.strip_prefix("ext:").filter(|ext| !ext.is_empty()) {
        return Ok(MemberRef::Ext(ext.to_owned()));
    }
    let unknown = || Problem::refused(&Refusal::MemberUnknown, program);
    MemberId::parse(text).map(MemberRef::Id).ok_or_else(unknown)
}

impl IdentifierWire {
    pub fn reference(&self, program: &Program, pointer: &str) -> Result<MemberRef, Problem> {
        let text = |word: &Word| word.0.clone();
        let named = [
            self.id.as_ref().map(|id| by_text(&id.0, program).map_err(|p| p.at(format!("{pointer}/id")))),
            self.ext.as_ref().map(|w| Ok(MemberRef::Ext(text(w)))),
            self.phone.as_ref().map(|w| Ok(MemberRef::Phone(text(w)))),
            self.email.as_ref().map(|w| Ok(MemberRef::Email(text(w)))),
            self.card.as_ref().map(|w| Ok(MemberRef::Card(text(w)))),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(one), None) => one,
            _ => Err(Problem::of("member_reference_invalid").at(pointer)),
        }
    }
}

/// `true`, `12` or `"vip"`, as the program declares the attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "true, false, a whole number or a text")]
pub enum AttributeWire {
    YesNo(bool),
    Number(i64),
    Text(String),
}

/// Values as the core has them.
pub fn attributes(told: &BTreeMap<String, AttributeWire>) -> Attributes {
    Attributes(told.iter().map(|(id, value)| (id.into(), value.core())).collect())
}

impl AttributeWire {
    fn core(&self) -> AttributeValue {
        match self {
            AttributeWire::YesNo(truth) => AttributeValue::YesNo(*truth),
            AttributeWire::Number(number) => AttributeValue::Number(*number),
            AttributeWire::Text(text) => AttributeValue::Text(text.into()),
        }
    }
    pub fn of(value: &AttributeValue) -> AttributeWire {
        match value {
            AttributeValue::YesNo(truth) => AttributeWire::YesNo(*truth),
            AttributeValue::Number(number) => AttributeWire::Number(*number),
            AttributeValue::Text(text) => AttributeWire::Text(text.to_string()),
        }
    }
}

/// Who joins. A known identifier answers with the existing member and gives nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationWire {
    /// The shop's own customer id.
    pub ext: Option<Word>,
    #[serde(default)]
    pub phones: Vec<Word>,
    #[serde(default)]
    pub emails: Vec<Word>,
    #[serde(default)]
    pub cards: Vec<Word>,
    pub name: Option<Word>,
    pub birth_date: Option<DayText>,
    /// `ru`, `en` or any other language tag.
    pub language: Option<Word>,
    /// What the shop tells of the member: attributes that the program declares.
    #[serde(default)]
    pub attributes: BTreeMap<String, AttributeWire>,
    /// Where the person lives, as the shop calls it.
    pub region: Option<Word>,
    /// The id of the chat with the program's bot.
    pub telegram: Option<ChatWire>,
    /// Given with the registration.
    #[serde(default)]
    pub consents: Vec<ConsentWire>,
    /// `false` gives no welcome points: for members who were there before the program.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub welcome: bool,
    /// The referral code of the member who brought this one.
    pub referral: Option<Word>,
    /// What the shop calls the visitor: `POST /v1/referrals/visits` has told by whose link that one came.
    pub visitor: Option<Word>,
}

fn yes() -> bool {
    true
}

impl RegistrationWire {
    pub fn core(&self, program: &Program) -> Result<Registration, Problem> {
        Ok(Registration {
            ext: self.ext.as_ref().map(|w| w.0.clone()),
            phones: texts(&self.phones, "/phones")?,
            emails: texts(&self.emails, "/emails")?,
            cards: texts(&self.cards, "/cards")?,
            name: self.name.as_ref().map(|w| w.0.clone()),
            birth_date: self.birth_date.map(|d| d.0),
            language: self.language.as_ref().map(|w| w.0.clone()),
            attributes: attributes(&self.attributes),
            region: self.region.as_ref().map(|w| w.0.clone()),
            telegram: self.telegram.as_ref().map(ChatWire::core),
            consents: self.consents.iter().map(ConsentWire::core).collect(),
            no_welcome: !self.welcome,
            referrer: self.referral.as_ref().map(|code| referrer(&code.0, program)).transpose()?,
            visitor: self.visitor.as_ref().map(|visitor| visitor.0.clone()),
        })
    }
}

/// What a member's link ends with: the member's id without its prefix.
pub fn referral_code(member: MemberId) -> String {
    member.to_string().trim_start_matches(MemberId::PREFIX).to_owned()
}

/// The member whose code it is.
pub fn referrer(code: &str, program: &Program) -> Result<MemberId, Problem> {
    let code = code.trim().to_lowercase();
    let member = MemberId::parse(&format!("{}{code}", MemberId::PREFIX));
    member.ok_or_else(|| Problem::refused(&Refusal::ReferrerUnknown, program).at("/referral"))
}

pub fn texts(words: &[Word], pointer: &str) -> Result<Vec<String>, Problem> {
    if words.len() > IDENTIFIERS_MAX {
        return Err(Problem::of("too_many_identifiers").with("limit", IDENTIFIERS_MAX).at(pointer));
    }
    Ok(words.iter().map(|w| w.0.clone()).collect())
}

/// A chat of a messenger: a number, as its bot tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = i64, example = 123456789)]
pub struct ChatWire(i64);

impl ChatWire {
    fn core(&self) -> String {
        self.0.to_string()
    }
}

/// What of a member changes: a field that is left out stays; `null` takes it away; a list replaces the list.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWire {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Word>)]
    pub ext: Option<Option<Word>>,
    pub phones: Option<Vec<Word>>,
    pub emails: Option<Vec<Word>>,
    pub cards: Option<Vec<Word>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Word>)]
    pub name: Option<Option<Word>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DayText>)]
    pub birth_date: Option<Option<DayText>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Word>)]
    pub language: Option<Option<Word>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Word>)]
    pub region: Option<Option<Word>>,
    /// The id of the chat with the program's bot.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<ChatWire>)]
    pub telegram: Option<Option<ChatWire>>,
    /// One by one: what is not named stays, `null` takes away.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<String, Option<AttributeWire>>,
}

/// Tells `null` from a field that was left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

impl PatchWire {
    pub fn core(&self) -> Result<PersonPatch, Problem> {
        let word = |field: &Option<Option<Word>>| field.clone().map(|inner| inner.map(|w| w.0));
        let words =
            |field: &Option<Vec<Word>>, pointer| field.as_ref().map(|l| texts(l, pointer)).transpose();
        Ok(PersonPatch {
            ext: word(&self.ext),
            phones: words(&self.phones, "/phones")?,
            emails: words(&self.emails, "/emails")?,
            cards: words(&self.cards, "/cards")?,
            name: word(&self.name),
            birth_date: self.birth_date.map(|inner| inner.map(|d| d.0)),
            language: word(&self.language),
            region: word(&self.region),
            telegram: self.telegram.as_ref().map(|inner| inner.as_ref().map(ChatWire::core)),
            consents: Vec::new(),
            withdrawn: None,
            site: None,
            address: None,
            identifying: Identifying::FirstContact,
            attributes: self
                .attributes
                .iter()
                .map(|(id, value)| (id.into(), value.as_ref().map(AttributeWire::core)))
                .collect(),
        })
    }
}
