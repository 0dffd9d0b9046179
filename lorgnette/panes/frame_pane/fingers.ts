// Touching fingers, and what two of them do together.
import type {Place} from "./geometry"

/* Since the last time: `scale` 1.1 is apart by a tenth, `rotation` is in rad and clockwise as on the screen, `moved` is
 * by how much the middle between the fingers went. */
export type Change = {middle: Place, moved: Place, scale: number, rotation: number}

const LEAST = 1 // fingers in one place have no direction

export class Fingers {
  private readonly places = new Map<number, Place>()
  private pair: [number, number] | null = null

  get count(): number {
    return this.places.size
  }

  down(id: number, at: Place): void {
    this.places.set(id, at)
    if (this.places.size == 2) {
      const [a, b] = this.places.keys()
      this.pair = [a, b]
    }
  }

  // Null unless two fingers are at work and this is one of them.
  move(id: number, at: Place): Change | null {
    if (!this.places.has(id)) {
      return null
    }
    const before = this.ends()
    this.places.set(id, at)
    const now = this.ends()
    if (before == null || now == null || !this.pair!.includes(id)) {
      return null
    }
    const [from, to] = [middle_of(before), middle_of(now)]
    const turn = angle_of(now) - angle_of(before)
    return {
      middle: to,
      moved: {x: to.x - from.x, y: to.y - from.y},
      scale: distance_of(now) / distance_of(before),
      rotation: Math.atan2(Math.sin(turn), Math.cos(turn)),
    }
  }

  // Whether this ended the work of two fingers; those that stay do nothing until all are up.
  up(id: number): boolean {
    const was_pair = this.pair?.includes(id) ?? false
    this.places.delete(id)
    if (was_pair) {
      this.pair = null
    }
    return was_pair
  }

  clear(): void {
    this.places.clear()
    this.pair = null
  }

  // Between two fingers, if there are two.
  get middle(): Place | null {
    const ends = this.ends()
    return ends == null ? null : middle_of(ends)
  }

  private ends(): [Place, Place] | null {
    return this.pair == null ? null : [this.places.get(this.pair[0])!, this.places.get(this.pair[1])!]
  }
}

function middle_of([a, b]: [Place, Place]): Place {
  return {x: (a.x + b.x) / 2, y: (a.y + b.y) / 2}
}

function distance_of([a, b]: [Place, Place]): number {
  return Math.max(Math.hypot(b.x - a.x, b.y - a.y), LEAST)
}

function angle_of([a, b]: [Place, Place]): number {
  return Math.atan2(b.y - a.y, b.x - a.x)
}
