import type { Queryable } from '../../../lib/postgres.ts';
import { SKUS } from '../../../lib/skus.ts';
import type { Product } from '../../../protos/catalog.ts';

type Line = [name: string, priceCents: number, weightGrams: number, description: string];

/** What the shop begins with, by category; sixty in all, one for each of SKUS. */
const RANGE: Record<string, Line[]> = {
  kitchen: [
    ['Cast-iron skillet', 3_990, 2_300, 'Seasoned, 26 cm; browns evenly on every hob.'],
    ['Pour-over kettle', 5_450, 900, 'Gooseneck spout and a lid that stays where it is.'],
    ['Bread proving basket', 1_690, 350, 'Rattan, with a linen liner that washes at 60 degrees.'],
    ['Chef’s knife', 6_900, 210, 'Forged steel, 20 cm, balanced at the bolster.'],
    ['Beech cutting board', 2_450, 1_600, 'End grain, with a groove that catches the juice.'],
    ['Pepper mill', 3_200, 280, 'Steel grinder, six settings from dust to cracked.'],
    ['Enamel mug, set of four', 2_800, 720, 'For the stove, the camp fire and the office.'],
    ['Kitchen scale', 2_950, 480, 'Weighs to a gram up to five kilos; counts in ounces too.'],
    ['Lemon squeezer', 1_250, 190, 'Cast aluminium; the pips stay inside.'],
    ['Tea tin, 500 g', 1_100, 160, 'Double lid keeps leaves dry for a year.'],
  ],
  desk: [
    ['Mechanical keyboard', 8_900, 980, 'Seventy-five keys, quiet switches, a dial for volume.'],
    ['Desk lamp', 5_900, 1_400, 'Warm to cool white; remembers where it stood.'],
    ['Notebook, dotted', 1_490, 310, '192 numbered pages of paper that takes ink.'],
    ['Fountain pen', 4_200, 40, 'Steel nib, fine; a converter is in the box.'],
    ['Cable tray', 2_300, 850, 'Hides a power strip and everything plugged into it.'],
    ['Monitor stand', 3_900, 2_100, 'Bamboo, with room for a keyboard beneath.'],
    ['Desk mat', 2_700, 600, 'Wool felt, 80 by 40 cm, quiet under the mouse.'],
    ['Brass ruler', 1_350, 120, '30 cm, engraved on both edges.'],
    ['Document tray, set of two', 2_150, 900, 'Powder-coated steel that stacks without wobbling.'],
    ['Whiteboard tile', 3_400, 1_900, 'Glass, 45 cm; magnets hold, marker wipes off.'],
  ],
  outdoors: [
    ['Day pack, 22 l', 7_900, 690, 'Rain cover in the base, a sleeve for the bottle.'],
    ['Insulated bottle', 2_990, 340, 'Hot for twelve hours, cold for twenty-four.'],
    ['Head torch', 3_490, 85, '350 lumens, red light, charges by USB-C.'],
    ['Camping stove', 4_600, 390, 'Boils a litre in four minutes; folds to a fist.'],
    ['Dry bag, 10 l', 1_790, 130, 'Roll it three times and it floats.'],
    ['Folding chair', 5_200, 1_050, 'Holds 120 kilos and packs to the size of a bottle.'],
    ['Compass', 2_400, 60, 'Sighting mirror, scales for 1:25 000 and 1:50 000.'],
    ['Rain jacket', 11_900, 320, 'Three layers, taped seams, a hood with a brim.'],
    ['Hammock', 4_300, 540, 'Parachute silk; the straps spare the bark.'],
    ['Picnic blanket', 3_300, 1_100, 'Waterproof beneath, soft above, 2 by 2 m.'],
  ],
  home: [
    ['Wool throw', 6_400, 950, 'Lambswool, woven in a herringbone, 130 by 180 cm.'],
    ['Beeswax candle', 1_590, 260, 'Burns for forty hours and smells of summer.'],
    ['Wall clock', 4_700, 820, 'Sweeps without ticking; oak and glass.'],
    ['Linen tea towel, set of three', 1_990, 280, 'Dries glasses without a streak.'],
    ['Plant pot, terracotta', 1_850, 1_700, '18 cm, with a saucer and a hole where one is needed.'],
    ['Door mat', 2_600, 2_400, 'Coconut fibre that takes the mud off.'],
    ['Picture frame, A3', 2_900, 1_200, 'Ash, with glass that does not reflect.'],
    ['Laundry basket', 3_800, 1_300, 'Willow, with a cotton bag that lifts out.'],
    ['Storage box, cork lid', 2_250, 640, 'Glass, 1.4 l; stacks and seals.'],
    ['Coat hooks', 2_050, 450, 'Five of them on oiled walnut; screws included.'],
  ],
  toys: [
    ['Wooden train set', 4_900, 2_200, 'Forty pieces, a bridge and a station.'],
    ['Jigsaw, 1000 pieces', 2_190, 880, 'A map of the harbours of the north.'],
    ['Marble run', 3_990, 1_500, 'Builds four towers, or one that is too high.'],
    ['Kite', 2_790, 350, 'Flies from a light breeze; two lines.'],
    ['Building bricks', 3_490, 1_250, 'Beech, 100 of them, in a cotton sack.'],
    ['Magic cube', 1_290, 90, 'Turns fast and does not pop.'],
    ['Card game: Cargo', 1_690, 240, 'Load ships, cheat pirates; two to five players, 30 minutes.'],
    ['Telescope', 8_400, 1_800, '70 mm; shows the rings of Saturn.'],
    ['Watercolour set', 2_350, 310, 'Twenty-four half pans and a brush.'],
    ['Soft whale', 2_490, 420, 'Forty centimetres of corduroy; washable.'],
  ],
  parcels: [
    ['Shipping box, small, ten', 990, 900, 'Double wall, 20 by 15 by 10 cm.'],
    ['Shipping box, medium, ten', 1_490, 1_800, 'Double wall, 35 by 25 by 20 cm.'],
    ['Shipping box, large, five', 1_590, 2_300, 'Double wall, 60 by 40 by 40 cm.'],
    ['Paper tape, three rolls', 1_190, 620, 'Water-activated; leaves nothing to sort out.'],
    ['Tape dispenser', 1_890, 540, 'Cuts clean and stands still.'],
    ['Padded envelope, twenty', 890, 480, 'Paper outside and inside.'],
    ['Packing paper', 1_390, 3_000, 'A roll of 100 m in a box that is the dispenser.'],
    ['Label printer', 9_900, 1_100, 'Thermal, four inches; no ink, ever.'],
    ['Parcel scale', 3_600, 1_400, 'Weighs up to 40 kilos; the display pulls out.'],
    ['Parcel twine', 690, 350, 'Sisal, 100 m.'],
  ],
};

/** The products of RANGE with their SKUs. */
export const PRODUCTS: readonly Product[] = Object.entries(RANGE)
  .flatMap(([category, lines]) => lines.map((line) => ({ category, line })))
  .map(({ category, line: [name, priceCents, weightGrams, description] }, index) => {
    const sku = SKUS[index];
    if (sku === undefined) throw new Error(`there is no SKU for ${name}: SKUS is shorter than RANGE`);
    return { sku, name, description, category, priceCents, weightGrams };
  });

/** Adds the products that are not there yet; keeps what an earlier run has changed, such as prices. */
export async function seedProducts(database: Queryable): Promise<void> {
  await database.query(
    `INSERT INTO products (sku, name, description, category, price_cents, weight_grams)
     SELECT sku, name, description, category, "priceCents", "weightGrams"
     FROM json_to_recordset($1)
       AS p (sku text, name text, description text, category text, "priceCents" integer, "weightGrams" integer)
     ON CONFLICT (sku) DO NOTHING`,
    [JSON.stringify(PRODUCTS)],
  );
}
