// Rule engines of npm on the fixture: node peers.mjs <engine> <folder> <seconds>
//
// Each is given the facts ready made (group, total, day, categories), so it only says which promotions hold;
// what holds is priced by hand. Reading the cart and writing the answer as JSON is in the time, as on every
// side.
import { readFileSync } from 'node:fs';
import { ZenEngine } from '@gorules/zen-engine';
import { Engine } from 'json-rules-engine';

const [name, folder, seconds] = process.argv.slice(2);
const { today, promotions, carts } = JSON.parse(readFileSync(`${folder}/rules.json`, 'utf8'));

function factsOf(cart) {
    let total = 0;
    for (const line of cart.lines) {
        line.amount = Math.round(Number(line.price) * 100) * Number(line.quantity);
        total += line.amount;
    }
    return { group: cart.channel, total, day: today, categories: cart.lines.map((line) => line.category) };
}

const text = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

// The promotions that hold, one after another, each on what the earlier left.
function priced(cart, holding, total) {
    const left = cart.lines.map((line) => line.amount);
    const given = cart.lines.map(() => []);
    for (const number of holding) {
        const { id, category, percent } = promotions[number];
        cart.lines.forEach((line, i) => {
            if (line.category !== category) return;
            const off = Math.floor((left[i] * percent + 50) / 100);
            left[i] -= off;
            if (off > 0) given[i].push({ discount: id, amount: text(off) });
        });
    }
    const lines = cart.lines.map(({ id, amount }, i) => {
        return { id, amount: text(amount), discount: text(amount - left[i]), to_pay: text(left[i]), discounts: given[i] };
    });
    const due = left.reduce((sum, cents) => sum + cents, 0);
    return { due, lines, goods_total: text(total), discount_total: text(total - due), to_pay: text(due) };
}

async function answered(body) {
    const cart = JSON.parse(body);
    const facts = factsOf(cart);
    const holding = (await evaluate(facts)).map(Number).sort((a, b) => a - b);
    const { due, ...answer } = priced(cart, holding, facts.total);
    return { holding, due, written: JSON.stringify(answer) };
}

function zen() {
    const rules = promotions.map((p, i) => ({
        _id: `${i}`,
        group: p.group === null ? '' : `"${p.group}"`,
        total: `>= ${p.least}`,
        day: `[${p.from}..${p.to}]`,
        categories: `contains($, "${p.category}")`,
        promotion: `${i}`,
    }));
    const field = (name) => ({ id: name, name, field: name });
    const inputs = ['group', 'total', 'day', 'categories'].map(field);
    const content = { hitPolicy: 'collect', inputs, outputs: [field('promotion')], rules };
    const nodes = [
        { id: 'in', name: 'in', type: 'inputNode' },
        { id: 'table', name: 'table', type: 'decisionTableNode', content },
        { id: 'out', name: 'out', type: 'outputNode' },
    ];
    const edge = (sourceId, targetId) => ({ id: sourceId + targetId, sourceId, targetId, type: 'edge' });
    const graph = { nodes, edges: [edge('in', 'table'), edge('table', 'out')] };
    const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify(graph)));
    return async (facts) => (await decision.evaluate(facts)).result.map((row) => row.promotion);
}

function jsonRules() {
    const engine = new Engine();
    promotions.forEach((p, i) => {
        const all = [
            { fact: 'total', operator: 'greaterThanInclusive', value: p.least },
            { fact: 'day', operator: 'greaterThanInclusive', value: p.from },
            { fact: 'day', operator: 'lessThanInclusive', value: p.to },
            { fact: 'categories', operator: 'contains', value: p.category },
        ];
        if (p.group !== null) all.push({ fact: 'group', operator: 'equal', value: p.group });
        engine.addRule({ conditions: { all }, event: { type: 'holds', params: { promotion: i } } });
    });
    return async (facts) => (await engine.run(facts)).events.map((event) => event.params.promotion);
}

const evaluate = { zen, 'json-rules-engine': jsonRules }[name]();

// One whole pass: it warms up, and what it finds must be what the others find.
let found = 0;
for (const [i, body] of carts.entries()) {
    const { holding, due } = await answered(body);
    for (const promotion of holding) found += (i + 1) * (promotion + 1);
    found += due;
}
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1e6; };
const [started, cpuBefore] = [performance.now(), cpu()];
const end = started + Number(seconds) * 1000;
let [operations, written] = [0, 0];
while (performance.now() < end) {
    written += (await answered(carts[operations % carts.length])).written.length;
    operations += 1;
}
if (written === 0) throw new Error('nothing was answered');
console.log(operations, (performance.now() - started) / 1000, cpu() - cpuBefore, found);
