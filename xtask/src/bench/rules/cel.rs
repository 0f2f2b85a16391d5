//! CEL: every promotion a compiled expression over facts ready made, as for the engines of npm. What holds is
//! priced and written as by hand.

use super::by_hand::{ByHand, Cart};
use super::fixture::{Fixture, number_of};
use cel::{Context, Program, Value};

pub struct Cel {
    programs: Vec<Program>,
    functions: Context<'static, 'static>,
    today: i64,
    by_hand: ByHand,
}

impl Cel {
    pub fn new(fixture: &Fixture) -> Result<Cel, String> {
        let program = |p: &super::fixture::Promotion| {
            let group =
                p.group.as_ref().map_or_else(String::new, |group| format!("group == \"{group}\" && "));
            let (from, to) = (number_of(p.from), number_of(p.to));
            let text = format!(
                "{group}total >= {} && {from} <= day && day <= {to} && \"{}\" in categories",
                p.least, p.category
            );
            Program::compile(&text).map_err(|e| format!("{text}: {e:?}"))
        };
        let programs = fixture.promotions.iter().map(program).collect::<Result<_, _>>()?;
        let by_hand = ByHand::new(&fixture.promotions, fixture.today);
        Ok(Cel { programs, functions: Context::default(), today: number_of(fixture.today), by_hand })
    }

    /// The promotions that hold, by number.
    fn holding(&self, cart: &Cart<'_>, total: i64) -> Result<Vec<usize>, String> {
        let categories: Vec<&str> = cart.lines.iter().map(|line| line.category).collect();
        let mut facts = self.functions.new_inner_scope();
        facts.add_variable_from_value("group", cart.channel);
        facts.add_variable_from_value("total", total);
        facts.add_variable_from_value("day", self.today);
        facts.add_variable_from_value("categories", categories);
        let mut holding = Vec::new();
        for (number, program) in self.programs.iter().enumerate() {
            match program.execute(&facts) {
                Ok(Value::Bool(true)) => holding.push(number),
                Ok(Value::Bool(false)) => {}
                other => return Err(format!("promotion {number}: {other:?}")),
            }
        }
        Ok(holding)
    }

    /// JSON in, JSON out.
    pub fn answer(&self, text: &str) -> Result<String, String> {
        let cart: Cart<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let amounts = cart.amounts().ok_or("not an amount")?;
        let holding = self.holding(&cart, amounts.iter().sum())?;
        Ok(self.by_hand.priced(&cart, &amounts, |number| holding.binary_search(&number).is_ok()))
    }
}
