design = Детали
design-about = Всё, из чего собраны страницы.
design-figure = Обязательства
design-note = Фраза, которая объясняет, — везде теми же словами.
design-tab = Часть
design-card = Карточка с формой
design-receipt = Почему столько
design-plot = Баллы
