export interface DrawnChart {
  readonly width: number;
  readonly height: number;
  readonly marks: number;
  readonly texts: readonly string[];
}

export function drawnCharts(): DrawnChart[];
export function leastContrast(): number;
export function overlappingTexts(): string[];
export function sidewaysScroll(): number;
