//! Small logs with known ends.

use flate2::Compression;
use flate2::write::GzEncoder;
use kopilka_core::program::compile;
use kopilka_sim::{Lang, Log, Map, Options, Report, Spend, bench, open, read, replay};
use std::io::Write;
use std::sync::Arc;

const HEADER: &str =
    "invoice_no,stock_code,description,quantity,invoice_time,unit_price,customer_id,country\n";

fn retail(rows: &str) -> Log {
    let text = format!("{HEADER}{rows}");
    read(text.as_bytes(), None).unwrap()
}

fn options(spend: Spend, threads: usize) -> Options {
    let program = compile(include_str!("../../../examples/sports-store.yaml")).program.unwrap();
    Options { program: Arc::new(program), spend, welcome: false, threads }
}

fn report(log: &Log, spend: Spend) -> Report {
    replay(log, &options(spend, 1), &|_| {}).report(Lang::En)
}

fn reason(report: &Report, code: &str) -> u64 {
    report.reasons.iter().filter(|r| r.reason == code).map(|r| r.rows).sum()
}

#[test]
fn classes_add_up_and_amounts_are_exact() {
    let log = retail(
        "1,A,x,2,2011-01-01T10:00:00,100.001,7,UK\n\
         1,POST,x,1,2011-01-01T10:00:00,5.00,7,UK\n\
         1,M,x,1,2011-01-01T10:00:00,9.00,7,UK\n\
         2,A,x,1,2011-01-02T10:00:00,1.00,,UK\n\
         A3,B,x,1,2011-01-02T10:00:00,-1.00,,UK\n\
         A4,B,x,1,2011-01-02T10:00:00,-1.00,7,UK\n\
         C5,A,x,-3,2011-01-03T10:00:00,100.00,7,UK\n\
         C6,D,x,-1,2011-01-03T10:00:00,1.00,7,UK\n",
    );
    let report = report(&log, Spend::Never);
    let rows = &report.rows;
    assert_eq!((rows.total, rows.identified, rows.returns, rows.unidentified, rows.other), (8, 3, 2, 2, 1));
    assert_eq!((report.identified.orders, report.identified.amount.as_str()), (1, "214.002"));
    let returns = &report.returns;
    assert_eq!((returns.covered_in_full, returns.covered_in_part, returns.without_purchase), (0, 1, 1));
    for (code, rows) in [
        ("no_customer", 2),
        ("neither_order_nor_return", 1),
        ("not_goods", 2),
        ("return_covered_in_part", 1),
        ("return_without_purchase", 1),
        ("price_finer_than_minor_unit", 1),
        ("delivery", 1),
    ] {
        assert_eq!(reason(&report, code), rows, "{code}");
    }
    // half_up(2 × 100.001) and 5.00 of delivery; both pieces came back, the delivery did not.
    assert_eq!((report.revenue.charged.as_str(), report.revenue.refunded.as_str()), ("205.00", "200.00"));
    assert_eq!((report.points.issued.as_str(), report.points.revoked.as_str()), ("10", "10"));
}

#[test]
fn a_return_covers_several_orders_newest_first_and_leaves_no_trace() {
    let log = retail(
        "1,A,x,2,2011-01-01T10:00:00,100.00,7,UK\n\
         2,A,x,2,2011-01-02T10:00:00,100.00,7,UK\n\
         C3,A,x,-3,2011-01-05T10:00:00,100.00,7,UK\n\
         C4,A,x,-1,2011-01-06T10:00:00,100.00,7,UK\n",
    );
    let report = report(&log, Spend::Max);
    assert_eq!((report.returns.covered_in_full, report.returns_replayed), (2, 3));
    assert_eq!((report.points.issued.as_str(), report.points.revoked.as_str()), ("20", "20"));
    assert_eq!(report.points.outstanding, "0");
    let emptied = &report.returned_everything;
    assert_eq!((emptied.members, emptied.violations, report.identity.violations), (1, 0, 0));
}

#[test]
fn a_sale_and_its_return_of_one_minute_are_taken_in_that_order() {
    let log = retail(
        "C2,A,x,-1,2011-01-01T10:00:00,100.00,7,UK\n\
         1,A,x,1,2011-01-01T10:00:00,100.00,7,UK\n",
    );
    assert_eq!(report(&log, Spend::Never).returns.covered_in_full, 1);
}

#[test]
fn members_spend_as_told() {
    // 50 points from January are active from 15 January to the end of 15 February.
    let log = retail(
        "1,A,x,1,2011-01-01T10:00:00,1000.00,7,UK\n\
         2,A,x,1,2011-01-20T10:00:00,1000.00,7,UK\n\
         3,A,x,1,2011-06-01T10:00:00,1.00,8,UK\n",
    );
    let spent = |spend| {
        let report = report(&log, spend);
        let Report { points, months, .. } = report;
        (points.spent, points.expired, months.iter().map(|m| m.outstanding.clone()).collect::<Vec<_>>())
    };
    let months = |texts: &[&str]| texts.iter().map(|&t| t.to_owned()).collect::<Vec<_>>();
    let ends = |spent: &str, expired: &str, outstanding: &[&str]| {
        (spent.to_owned(), expired.to_owned(), months(outstanding))
    };
    assert_eq!(spent(Spend::Never), ends("0", "100", &["100", "50", "0", "0", "0", "0"]));
    assert_eq!(spent(Spend::Max), ends("50", "47", &["47", "47", "0", "0", "0", "0"]));
    assert_eq!(spent(Spend::Half), ends("25", "73", &["73", "48", "0", "0", "0", "0"]));
}

#[test]
fn registration_rules_fire_only_when_asked() {
    let log = retail("1,A,x,1,2011-01-01T10:00:00,1000.00,7,UK\n");
    let with = Options { welcome: true, ..options(Spend::Never, 1) };
    let issued = |o: &Options| replay(&log, o, &|_| {}).report(Lang::En).points.issued;
    assert_eq!((issued(&options(Spend::Never, 1)), issued(&with)), ("50".into(), "550".into()));
}

#[test]
fn any_number_of_threads_gives_the_same_report() {
    let log = bench::generate(30_000, 7);
    let json = |threads| {
        let report = replay(&log, &options(Spend::Half, threads), &|_| {}).report(Lang::Ru);
        assert!(report.holds());
        (serde_json::to_string(&report).unwrap(), report.html(Lang::Ru))
    };
    let one = json(1);
    assert!(one == json(2) && one == json(5));
}

#[test]
fn logs_without_order_ids_are_read_by_a_mapping_file() {
    let map = r#"{"timezone":"UTC","delimiter":";","returns":{"negative":true,"match":"oldest"},
        "columns":{"customer":"who","time":"when","amount":"sum","sku":"what","category":"kind"}}"#;
    let text = "when;who;what;sum;kind\n2026-01-01;ann;ball;100.00;toys\n2026-01-02;ann;ball;-100.00;\n";
    let log = read(text.as_bytes(), Some(Map::parse(map).unwrap())).unwrap();
    let report = report(&log, Spend::Max);
    assert_eq!((report.rows.identified, report.rows.returns, report.returns.covered_in_full), (1, 1, 1));
    assert_eq!(report.returned_everything.members, 1);
}

#[test]
fn wrong_input_is_told_with_its_row() {
    let good = "1,A,x,2,2011-01-01T10:00:00,1.00,7,UK\n";
    let cases = [
        (String::new(), "the file is empty"),
        (HEADER.to_owned(), "nothing to replay"),
        ("a,b\n1,2\n".to_owned(), "the header is of no known log"),
        (format!("{HEADER}{good}1,A,x,2"), "row 3: has 4 columns"),
        (format!("{HEADER}{good}{}", good.trim_end()), "row 3: the last row has no line end"),
        (format!("{HEADER}{}", good.replace("1.00", "one")), "row 2: unit_price `one` is not a number"),
        (format!("{HEADER}{}", good.replace(",2,", ",2.0001,")), "row 2: quantity `2.0001` has too many"),
        (format!("{HEADER}{}", good.replace("2011-01-01T", "01/01/2011 ")), "row 2: invoice_time"),
        (format!("{HEADER}{}", good.replace(",x,", ",\"x,")), "row 2: a quote is not closed"),
    ];
    for (text, expected) in cases {
        let message = read(text.as_bytes(), None).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn a_gzip_cut_short_is_an_error_and_a_whole_one_is_read() {
    let rows: String = (0..5_000)
        .map(|i| format!("{i},A,x,{},2011-01-01T10:00:00,1.{:02},7,UK\n", i % 9 + 1, i % 97))
        .collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(format!("{HEADER}{rows}").as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.gz");
    std::fs::write(&path, &packed).unwrap();
    let log = open(&path, &|_| {}).and_then(|source| read(source, None)).unwrap();
    assert_eq!(log.rows().len(), 5_000);
    for keep in [1, 2, 5, 100, packed.len() / 2, packed.len() - 9, packed.len() - 1] {
        std::fs::write(&path, &packed[..keep]).unwrap();
        let result = open(&path, &|_| {}).and_then(|source| read(source, None));
        assert!(result.is_err(), "{keep} bytes");
    }
}

#[test]
fn what_a_replay_of_single_lives_cannot_know_is_said() {
    let log = retail("1,A,x,1,2011-01-01T10:00:00,100.00,7,UK\n");
    let text = "program: p\ncurrency: RUB\nrules:\n\
        - { id: first-hundred, when: order.paid, then: [{ credit: { points: 5 } }], limits: { total: { times: 100 } } }\n\
        coupons: { campaigns: [{ id: spring, code: SPRING, discount: { percent: 5 } }] }\n";
    let program = compile(text).program.unwrap();
    let options = Options { program: Arc::new(program), spend: Spend::Never, welcome: false, threads: 1 };
    let said = replay(&log, &options, &|_| {}).report(Lang::En).assumptions;
    assert!(said.iter().any(|line| line.contains("(first-hundred)")), "{said:?}");
    assert!(said.iter().any(|line| line.contains("no coupons")), "{said:?}");
    let plain = report(&log, Spend::Never).assumptions;
    assert!(!plain.iter().any(|line| line.contains("together") || line.contains("coupons")), "{plain:?}");
}
