//! The report as one self-contained HTML page: no script, nothing loaded from anywhere.

use crate::drawn::Drawn;
use crate::report::Report;
use crate::words::Lang;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

impl Report {
    /// The page in the language the report was made in.
    pub fn html(&self, lang: Lang) -> String {
        Page { report: self, lang, out: String::with_capacity(64 << 10) }.write()
    }
}

struct Page<'a> {
    report: &'a Report,
    lang: Lang,
    out: String,
}

impl Page<'_> {
    fn say<'t>(&self, en: &'t str, ru: &'t str) -> &'t str {
        self.lang.pick(en, ru)
    }
    fn number(&self, text: &str) -> String {
        grouped(text, self.lang)
    }
    fn count(&self, count: u64) -> String {
        grouped(&count.to_string(), self.lang)
    }
    fn money(&self, text: &str) -> String {
        format!("{} <small>{}</small>", self.number(text), escape(&self.report.program.currency))
    }
    fn percent(&self, text: &Option<String>) -> String {
        text.as_ref().map_or("—".to_owned(), |text| format!("{}&nbsp;%", self.number(text)))
    }
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn write(mut self) -> String {
        let report = self.report;
        let title = self.say("Replay", "Прогон истории").to_owned();
        let (program, log) = (escape(&report.program.name), escape(&report.log.name));
        let period = format!("{} – {}", &report.log.first[..10], &report.log.last[..10]);
        let _ = write!(
            self.out,
            "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}: {program}</title>\n<style>\n{STYLE}</style>\n<main>\n\
             <header><h1>{title}: {program}</h1><p>{log} · {period}</p></header>\n",
            self.lang.code(),
        );
        self.cards();
        self.plots();
        self.points_and_money();
        self.months();
        self.rows();
        self.assumptions();
        self.checks();
        self.push("</main>\n</html>\n");
        self.out
    }

    fn cards(&mut self) {
        let report = self.report;
        let cost = &report.cost;
        let cards = [
            (
                "main",
                self.say("Cost, share of sales", "Стоимость, доля продаж"),
                self.percent(&cost.share_of_revenue_percent),
            ),
            ("main", self.say("Liability at the end", "Обязательства в конце"), self.money(&cost.liability)),
            (
                "",
                self.say("Redemption rate", "Доля потраченных"),
                self.percent(&cost.redemption_rate_percent),
            ),
            ("", self.say("Breakage", "Доля сгоревших"), self.percent(&cost.breakage_percent)),
            ("", self.say("Sales", "Продажи"), self.money(&report.revenue.sales)),
            ("", self.say("Members", "Участники"), self.count(report.members)),
            ("", self.say("Orders", "Заказы"), self.count(report.orders)),
            ("", self.say("Points issued", "Начислено баллов"), self.number(&report.points.issued)),
        ];
        self.push("<dl class=\"cards\">\n");
        for (class, name, value) in cards {
            let _ = writeln!(self.out, "<div class=\"card {class}\"><dt>{name}</dt><dd>{value}</dd></div>");
        }
        self.push("</dl>\n");
    }

    fn plots(&mut self) {
        let title = self.say("By month", "По месяцам");
        let _ = write!(self.out, "<h2>{title}</h2>\n<div class=\"plots\">\n");
        for Drawn { title, unit, legend, svg } in self.report.drawn(self.lang) {
            let unit = if unit.is_empty() { unit } else { format!(" <span>{}</span>", escape(&unit)) };
            let legend: String = legend
                .iter()
                .map(|(class, name)| format!(" <span><i class=\"{class}\"></i>{}</span>", escape(name)))
                .collect();
            let _ =
                writeln!(self.out, "<figure><figcaption>{title}{unit}{legend}</figcaption>{svg}</figure>");
        }
        self.push("</div>\n");
    }

    /// A table of two columns with a sum under it.
    fn ledger(&mut self, title: &str, rows: &[(&str, String)], sum: (&str, String)) {
        let _ = writeln!(self.out, "<div><h2>{title}</h2><div class=\"table\"><table><tbody>");
        for (name, value) in rows {
            let _ = writeln!(self.out, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
        }
        let (name, value) = sum;
        let _ = write!(
            self.out,
            "<tr class=\"sum\"><th scope=\"row\">{name}</th><td>{value}</td></tr>\n\
             </tbody></table></div></div>\n"
        );
    }

    fn points_and_money(&mut self) {
        let report = self.report;
        let points = &report.points;
        // A minus before nothing reads like an error.
        let with = |sign: &str, value: &str| {
            let nothing = value.bytes().all(|b| matches!(b, b'0' | b'.'));
            format!("{}{}", if nothing { "" } else { sign }, self.number(value))
        };
        let flow = [
            (self.say("issued", "начислено"), with("", &points.issued)),
            (self.say("+ granted anew", "+ возобновлено"), with("", &points.regranted)),
            (self.say("+ debt written off", "+ списано долгов"), with("", &points.written_off)),
            (self.say("− spent", "− потрачено"), with("−", &points.spent)),
            (self.say("+ come back by returns", "+ вернулось с возвратами"), with("", &points.come_back)),
            (self.say("− expired", "− сгорело"), with("−", &points.expired)),
            (self.say("− taken back", "− отобрано при возвратах"), with("−", &points.revoked)),
        ];
        let outstanding = self.number(&points.outstanding);
        let stock = [
            (self.say("pending", "ожидают"), with("", &points.pending)),
            (self.say("+ available", "+ доступны"), with("", &points.available)),
            (self.say("+ held", "+ удержаны"), with("", &points.held)),
            (self.say("− debt", "− долг"), with("−", &points.debt)),
        ];
        let money = [
            (
                self.say("charged before points", "стоимость заказов до баллов"),
                with("", &report.revenue.charged),
            ),
            (self.say("− refunded", "− возвращено деньгами"), with("−", &report.revenue.refunded)),
            (
                self.say("− given back in points", "− возвращено баллами"),
                with("−", &report.revenue.returned_in_points),
            ),
            (self.say("= sales", "= продажи"), with("", &report.revenue.sales)),
            (
                self.say("− of these paid by points", "− из них оплачено баллами"),
                with("−", &report.revenue.paid_by_points),
            ),
        ];
        let net = self.number(&report.revenue.net);
        let sum = self.say("outstanding", "не погашено");
        self.push("<div class=\"two\">\n");
        self.ledger(
            self.say("Points: what happened", "Баллы: что произошло"),
            &flow,
            (sum, outstanding.clone()),
        );
        self.push("<div>");
        self.ledger(self.say("Points: what there is", "Баллы: что есть"), &stock, (sum, outstanding));
        let title = format!("{}, {}", self.say("Money", "Деньги"), escape(&report.program.currency));
        self.ledger(&title, &money, (self.say("money kept", "деньги магазина"), net));
        self.push("</div></div>\n");
    }

    fn months(&mut self) {
        let report = self.report;
        let heads = [
            self.say("month", "месяц"),
            self.say("orders", "заказы"),
            self.say("returns", "возвраты"),
            self.say("charged", "стоимость"),
            self.say("refunded", "возвращено"),
            self.say("issued", "начислено"),
            self.say("spent", "потрачено"),
            self.say("come back", "вернулось"),
            self.say("expired", "сгорело"),
            self.say("taken back", "отобрано"),
            self.say("outstanding", "не погашено"),
            self.say("liability", "обязательства"),
        ];
        let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
        let title = self.say("Month by month", "Месяц за месяцем");
        let _ = write!(
            self.out,
            "<h2>{title}</h2>\n<div class=\"table\"><table><thead><tr>{heads}</tr></thead><tbody>\n"
        );
        for month in &report.months {
            let cells = [
                &month.orders.to_string(),
                &month.returns.to_string(),
                &month.charged,
                &month.refunded,
                &month.issued,
                &month.spent,
                &month.come_back,
                &month.expired,
                &month.revoked,
                &month.outstanding,
                &month.liability,
            ];
            let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", self.number(cell))).collect();
            let _ = writeln!(self.out, "<tr><th scope=\"row\">{}</th>{cells}</tr>", month.month);
        }
        self.push("</tbody></table></div>\n");
    }

    fn rows(&mut self) {
        let report = self.report;
        let rows = &report.rows;
        let amounts = [
            (
                self.say("orders of named customers", "заказы известных покупателей"),
                rows.identified,
                &report.identified.amount,
            ),
            (
                self.say("returns of named customers", "возвраты известных покупателей"),
                rows.returns,
                &report.returns.amount,
            ),
            (
                self.say("no customer named", "покупатель не указан"),
                rows.unidentified,
                &report.unidentified.amount,
            ),
            (self.say("other documents", "прочие документы"), rows.other, &report.other.amount),
        ];
        let head = |page: &Self, more: &str| {
            let (words, rows, amount) =
                (page.say("rows", "строки"), page.say("number", "число"), page.say("amount", "сумма"));
            format!(
                "<div class=\"table\"><table><thead><tr><th scope=\"col\">{words}</th>{more}\
                 <th scope=\"col\">{rows}</th><th scope=\"col\">{amount}, {}</th></tr></thead><tbody>\n",
                escape(&page.report.log.currency)
            )
        };
        let title = self.say("Rows of the log", "Строки журнала");
        let top = head(self, "");
        let _ = write!(self.out, "<h2>{title}</h2>\n{top}");
        for (name, count, amount) in amounts {
            let (count, amount) = (self.count(count), self.number(amount));
            let _ = writeln!(
                self.out,
                "<tr><td class=\"words\">{name}</td><td>{count}</td><td>{amount}</td></tr>"
            );
        }
        let (total, all) = (self.count(rows.total), self.say("all", "всего"));
        let _ = write!(
            self.out,
            "<tr class=\"sum\"><td>{all}</td><td>{total}</td><td></td></tr>\n</tbody></table></div>\n"
        );
        let title = self.say("Rows by reason", "Строки по причинам");
        let note = self.say(
            "Every row that was not used, or not as plain goods. A row can have several reasons.",
            "Все строки, что не учтены или учтены не как обычный товар. У строки бывает несколько причин.",
        );
        let used = format!("<th scope=\"col\">{}</th>", self.say("used", "учтено"));
        let top = head(self, &used);
        let _ = write!(self.out, "<h2>{title}</h2>\n<p class=\"note\">{note}</p>\n{top}");
        for reason in &report.reasons {
            let used = match reason.used {
                "no" => self.say("no", "нет"),
                "in_part" => self.say("in part", "частью"),
                _ => self.say("yes", "да"),
            };
            let (text, count, amount) =
                (escape(&reason.text), self.count(reason.rows), self.number(&reason.amount));
            let _ = writeln!(
                self.out,
                "<tr><td class=\"words\">{text}</td><td><span class=\"tag\">{used}</span></td>\
                 <td>{count}</td><td>{amount}</td></tr>"
            );
        }
        self.push("</tbody></table></div>\n");
    }

    fn assumptions(&mut self) {
        let title = self.say("What is taken for granted", "Что принято за данность");
        let _ = write!(self.out, "<h2>{title}</h2>\n<ul>\n");
        for line in &self.report.assumptions {
            let _ = writeln!(self.out, "<li>{}</li>", escape(line));
        }
        self.push("</ul>\n");
    }

    fn checks(&mut self) {
        let report = self.report;
        let title = self.say("Checks", "Проверки");
        let identity = self.say(
            "outstanding = issued + granted anew + written off − spent + come back − expired − taken back, \
             member by member",
            "не погашено = начислено + возобновлено + списано − потрачено + вернулось − сгорело − отобрано, \
             по каждому участнику",
        );
        let emptied = self.say(
            "who returned everything ends where they began, but for what time took",
            "кто вернул всё, кончил тем, с чего начал, кроме взятого временем",
        );
        let _ = write!(self.out, "<h2>{title}</h2>\n<ul>\n");
        let checks = [
            (
                identity,
                report.identity.members_checked,
                report.identity.violations,
                &report.identity.first_violation,
            ),
            (
                emptied,
                report.returned_everything.members,
                report.returned_everything.violations,
                &report.returned_everything.first_violation,
            ),
        ];
        for (what, members, violations, first) in checks {
            let (class, members, violated) =
                (if violations == 0 { "good" } else { "bad" }, self.count(members), self.count(violations));
            let members = format!("{members} {}", self.say("checked", "проверено"));
            let violated = format!("{violated} {}", self.say("violations", "нарушений"));
            let first = first.as_ref().map_or(String::new(), |f| format!(" ({})", escape(f)));
            let _ = writeln!(
                self.out,
                "<li>{what}: {members}, <span class=\"{class}\">{violated}</span>{first}</li>"
            );
        }
        self.push("</ul>\n");
    }
}

/// Digits in threes: with a comma in English, with a narrow space and a decimal comma in Russian.
pub(crate) fn grouped(text: &str, lang: Lang) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("−", rest));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(w, r)| (w, Some(r)));
    let separator = lang.pick(",", "\u{202f}");
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push_str(separator);
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push_str(lang.pick(".", ","));
        out.push_str(rest);
    }
    out
}

/// A shop's own words stay words in a page.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        assert_eq!(grouped("-1234567.89", Lang::En), "−1,234,567.89");
        assert_eq!(grouped("1234567.89", Lang::Ru), "1\u{202f}234\u{202f}567,89");
        assert_eq!(grouped("123", Lang::En), "123");
    }

    #[test]
    fn texts_of_the_log_cannot_become_markup() {
        assert_eq!(escape("<b a=\"'\">&"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;");
    }
}
