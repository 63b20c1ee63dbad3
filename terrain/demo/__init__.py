"""The little shop in which the stories play, and customers with a truth that Terrain cannot see.

Promise: what Terrain is told, it is told in wire messages; what it does, it does in acts. Nothing
of the truth (who is away, who has a cat, whose filter lasts) reaches it by any other way.

`world` who lives here - `days` what happens to them - `reactions` what an act does to them - `wire`
how it is said - `play` eighteen months of it - `report` harm and value, beside the naive shop.
"""
