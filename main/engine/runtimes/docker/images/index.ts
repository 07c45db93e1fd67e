export { FleetImages, type FleetImagesOptions } from './fleet-images.ts';
export { imageOf } from './image-name.ts';
export { imageStandings } from './inventory.ts';
