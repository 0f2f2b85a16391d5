//! Segments and the control group in words.

use super::Told;
use super::conditions::condition_told;

impl Told<'_> {
    pub(super) fn segments(&mut self) {
        let program = self.program;
        if program.segments.is_empty() && program.control_group.is_none() {
            return;
        }
        self.say("", "");
        self.say("Whom the rules tell apart:", "Кого различают правила:");
        for segment in &program.segments {
            let (id, told) = (&segment.id, condition_told(program, &segment.only_if));
            self.say(
                format!("- Segment {id} ({}): {}.", segment.name.en, told.en),
                format!("- Сегмент {id} ({}): {}.", segment.name.ru, told.ru),
            );
        }
        if let Some(group) = &program.control_group {
            let (share, salt) = (group.share.percent_text(), &group.salt);
            self.say(
                format!("- Control group: {share} % of members, drawn by “{salt}”."),
                format!("- Контрольная группа: {share} % участников, жребий «{salt}»."),
            );
        }
    }
}
