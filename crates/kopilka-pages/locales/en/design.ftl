design = Pieces
design-about = Everything that pages are made of.
design-figure = Liability
design-note = A sentence that explains, in the same words everywhere.
design-tab = Part
design-card = A card with a form
design-receipt = Why so many
design-plot = Points
