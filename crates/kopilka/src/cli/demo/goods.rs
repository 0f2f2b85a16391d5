//! What the sample shop sells.

use kopilka_core::money::Money;
use kopilka_core::product::Product;

// Article, name, category, brand, price in roubles. Brands are made up.
const GOODS: [(&str, &str, &str, &str, i64); 60] = [
    ("RUN-001", "Кроссовки беговые Stride", "shoes/running", "Northpeak", 7_990),
    ("RUN-002", "Кроссовки беговые Stride W", "shoes/running", "Northpeak", 7_990),
    ("RUN-003", "Кроссовки трейловые Ridge", "shoes/running", "Taiga", 9_490),
    ("RUN-004", "Марафонки Tempo", "shoes/running", "Velora", 12_900),
    ("RUN-005", "Шиповки Spike 100", "shoes/running", "Velora", 6_450),
    ("HIK-001", "Ботинки треккинговые Altai", "shoes/hiking", "Taiga", 11_990),
    ("HIK-002", "Ботинки треккинговые Altai Mid", "shoes/hiking", "Taiga", 10_490),
    ("HIK-003", "Сандалии походные Delta", "shoes/hiking", "Northpeak", 4_290),
    ("FIT-001", "Кроссовки для зала Base", "shoes/training", "Velora", 5_990),
    ("FIT-002", "Чешки гимнастические", "shoes/training", "Gimna", 690),
    ("KID-001", "Кроссовки детские Hop", "shoes/kids", "Northpeak", 3_290),
    ("KID-002", "Бутсы детские Goal", "shoes/kids", "Striker", 3_790),
    ("TEE-001", "Футболка тренировочная Dry", "clothes/tops", "Velora", 1_490),
    ("TEE-002", "Лонгслив беговой Dry", "clothes/tops", "Velora", 2_190),
    ("TEE-003", "Майка баскетбольная", "clothes/tops", "Striker", 1_790),
    ("JKT-001", "Ветровка Breeze", "clothes/jackets", "Northpeak", 5_490),
    ("JKT-002", "Мембранная куртка Storm", "clothes/jackets", "Taiga", 14_990),
    ("JKT-003", "Пуховый жилет Light", "clothes/jackets", "Taiga", 7_490),
    ("PNT-001", "Тайтсы беговые Flex", "clothes/pants", "Velora", 2_990),
    ("PNT-002", "Шорты 2 в 1", "clothes/pants", "Velora", 2_290),
    ("PNT-003", "Брюки походные Cargo", "clothes/pants", "Taiga", 5_290),
    ("SWM-001", "Купальник спортивный", "clothes/swim", "Aqualis", 3_190),
    ("SWM-002", "Плавки-шорты", "clothes/swim", "Aqualis", 1_890),
    ("SOC-001", "Носки беговые, пара", "clothes/socks", "Northpeak", 490),
    ("SOC-002", "Носки треккинговые, пара", "clothes/socks", "Taiga", 790),
    ("HAT-001", "Шапка Merino", "clothes/hats", "Taiga", 1_690),
    ("HAT-002", "Бейсболка Sun", "clothes/hats", "Northpeak", 990),
    ("GLV-001", "Перчатки беговые", "clothes/gloves", "Northpeak", 1_290),
    ("YOG-001", "Коврик для йоги 6 мм", "fitness/yoga", "Gimna", 1_990),
    ("YOG-002", "Блок для йоги", "fitness/yoga", "Gimna", 590),
    ("YOG-003", "Ремень для йоги", "fitness/yoga", "Gimna", 390),
    ("WGT-001", "Гантель виниловая 2 кг", "fitness/weights", "Bolder", 890),
    ("WGT-002", "Гантель гексагональная 10 кг", "fitness/weights", "Bolder", 3_490),
    ("WGT-003", "Гиря 16 кг", "fitness/weights", "Bolder", 4_290),
    ("WGT-004", "Утяжелители 2 × 1 кг", "fitness/weights", "Bolder", 1_290),
    ("BND-001", "Резинки для фитнеса, набор", "fitness/bands", "Gimna", 990),
    ("BND-002", "Скакалка скоростная", "fitness/bands", "Gimna", 790),
    ("ROL-001", "Ролл массажный", "fitness/recovery", "Gimna", 1_590),
    ("BAL-001", "Мяч футбольный Match", "games/balls", "Striker", 2_490),
    ("BAL-002", "Мяч баскетбольный Street", "games/balls", "Striker", 2_290),
    ("BAL-003", "Мяч волейбольный Beach", "games/balls", "Striker", 1_990),
    ("RKT-001", "Ракетка теннисная Ace", "games/rackets", "Striker", 6_990),
    ("RKT-002", "Набор для бадминтона", "games/rackets", "Striker", 2_690),
    ("RKT-003", "Ракетка для настольного тенниса", "games/rackets", "Striker", 1_190),
    ("SWM-010", "Очки для плавания", "swim/goggles", "Aqualis", 1_490),
    ("SWM-011", "Шапочка для плавания", "swim/caps", "Aqualis", 690),
    ("SWM-012", "Доска для плавания", "swim/boards", "Aqualis", 1_190),
    ("CMP-001", "Палатка двухместная Nord", "camping/tents", "Taiga", 15_990),
    ("CMP-002", "Спальник −5 °C", "camping/sleeping", "Taiga", 6_990),
    ("CMP-003", "Коврик туристический", "camping/sleeping", "Taiga", 1_290),
    ("CMP-004", "Рюкзак 45 л", "camping/backpacks", "Northpeak", 8_490),
    ("CMP-005", "Рюкзак беговой 8 л", "camping/backpacks", "Northpeak", 4_990),
    ("CMP-006", "Фонарь налобный", "camping/light", "Northpeak", 2_190),
    ("CMP-007", "Термос 0,75 л", "camping/dishes", "Taiga", 1_990),
    ("BIK-001", "Шлем велосипедный", "bikes/helmets", "Bolder", 3_990),
    ("BIK-002", "Замок велосипедный", "bikes/locks", "Bolder", 1_590),
    ("BIK-003", "Насос ручной", "bikes/tools", "Bolder", 1_090),
    ("WAT-001", "Бутылка 0,7 л", "accessories/bottles", "Aqualis", 590),
    ("GFT-1000", "Подарочная карта 1 000 ₽", "gift-cards", "", 1_000),
    ("GFT-3000", "Подарочная карта 3 000 ₽", "gift-cards", "", 3_000),
];

/// The last of the goods are gift cards.
pub const GIFT_CARDS: usize = 2;

pub fn all() -> Vec<Product> {
    let product = |(sku, name, category, brand, roubles): &(&str, &str, &str, &str, i64)| Product {
        sku: (*sku).to_owned(),
        name: (*name).to_owned(),
        category: Some((*category).into()),
        brand: (!brand.is_empty()).then(|| (*brand).into()),
        tags: Vec::new(),
        price: Some(Money(roubles * 100)),
        ..Product::default()
    };
    GOODS.iter().map(product).collect()
}
