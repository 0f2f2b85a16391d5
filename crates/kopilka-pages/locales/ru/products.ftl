way-products = Товары
products-about = Товары магазина. По категории, бренду и меткам их находят правила, а у артикула могут быть свои условия.
products-import = Загрузить список
products-find = Артикул или название
products-all = Все товары
products-empty = Товаров ещё нет. Загрузите список магазина или передайте его через API; без него правила знают только то, что сказано в самом заказе.
products-none = Среди просмотренных товаров такого нет.
products-categories = Категории
products-no-categories = Ни у одного товара её нет.
products-part = { $n ->
    [one] Посчитано только по первому { $shown } товару.
    [few] Посчитано только по первым { $shown } товарам.
   *[many] Посчитано только по первым { $shown } товарам.
}
product-new = Новый товар
product-new-about = Один артикул вручную; целый список удобнее загрузить.
product-what = Что это
product-sku = Артикул
product-category = Категория
product-category-hint = Путь через /: обувь/беговая. Правила для «обувь» действуют и на неё.
product-also-in = Другие категории
product-one-a-line = По одной в строке.
product-brand = Бренд
product-tags = Метки
product-price = Цена
product-cost = Себестоимость
product-own = Свои условия
product-own-hint = Они важнее правил программы. Оставьте пустым, если всё как в правилах.
product-points-percent = Баллы, процент от оплаченного
product-points-piece = Баллы за штуку
product-points-hint = Что-то одно. 0 процентов: баллов не приносит.
product-share = Можно оплатить баллами, процент
product-share-hint = От его цены. 0: баллами не оплачивается.
product-recommended = Минимальная цена
product-recommended-hint = Ниже неё ни скидки, ни баллы цену не опускают.
product-percent = { $value } % баллами
product-per-piece = { $value } за штуку
product-spend-share = баллами до { $value } %
product-least = не ниже { $value }
act-admin-products = изменил товар
