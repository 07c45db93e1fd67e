import type { Measure } from './graph-model.ts';

const widths = new Map<string, number>();
let canvas: CanvasRenderingContext2D | null = null;

/** The width of a text in a node's two fonts (see graph-canvas.css), measured once for each text. */
export const measureText: Measure = (text, line) => {
  const key = `${line}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  canvas ??= document.createElement('canvas').getContext('2d');
  if (!canvas) return text.length * 8;
  const family = getComputedStyle(document.body).fontFamily;
  canvas.font = line === 'label' ? `600 13.5px ${family}` : `400 11px ${family}`;
  const width = Math.ceil(canvas.measureText(text).width) + 1;
  widths.set(key, width);
  return width;
};
