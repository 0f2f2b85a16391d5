//! What a report has seen.

use crate::wire::TimeText;
use kopilka_service::AsOf;
use serde::Serialize;
use utoipa::ToSchema;

/// Reports read lists that follow the journal within moments: they wait for nothing and say how far they are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AsOfAnswer {
    /// The program's time.
    pub now: TimeText,
    /// Every journal entry up to this one is in the report. Ids of entries are in order of time, as text too.
    #[schema(example = "e_01m3s1v4g0080")]
    pub entry: String,
    /// There are entries after it.
    pub behind: bool,
}

impl AsOfAnswer {
    pub fn of(as_of: AsOf) -> AsOfAnswer {
        AsOfAnswer { now: TimeText(as_of.at), entry: as_of.entry.to_string(), behind: as_of.behind }
    }
}
