// From a plane's coordinates to places in a figure's frame, in CSS pixels from its left upper corner; axes are linear.

export class Screen {
  constructor(
    readonly ax: number, readonly bx: number, readonly ay: number, readonly by: number,
    readonly width: number, readonly height: number, readonly ratio: number, // device pixels in one of CSS
  ) {}

  x(x: number): number {
    return this.ax * x + this.bx
  }

  y(y: number): number {
    return this.ay * y + this.by
  }

  equals(other: Screen | null): boolean {
    return other != null && this.ax == other.ax && this.bx == other.bx && this.ay == other.ay && this.by == other.by &&
      this.width == other.width && this.height == other.height && this.ratio == other.ratio
  }
}
