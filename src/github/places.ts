/**
 * Where bodies under way are held. `enter` gives a place for one, `null` when there is none left; `giveWay` is called when the place is
 * needed by another before the body has arrived, and has to leave it at once.
 */
export type Places = { enter(giveWay: () => void): Place | null };

export type Place = {
  /** False when there is no room for that many bytes more. */
  take(bytes: number): boolean;
  /** The body is whole: from now on nobody has to give way. */
  arrived(): void;
  /** Gives all of it back; calling it again does nothing. */
  leave(): void;
};

/** Any number of bodies of any size, as long as their bytes together are no more than `maxBytes`. */
export function roomOf(maxBytes: number): Places {
  let taken = 0;
  return {
    enter() {
      let own = 0;
      return {
        take(bytes) {
          if (taken + bytes > maxBytes) return false;
          taken += bytes;
          own += bytes;
          return true;
        },
        arrived() {},
        leave() {
          taken -= own;
          own = 0;
        },
      };
    },
  };
}

/**
 * `count` bodies at once, whose size is bounded elsewhere. When all places are taken, the body that has been arriving for longest gives
 * way: what GitHub sends arrives in a moment, so holding places open keeps nobody out.
 */
export function seatsOf(count: number): Places {
  const taken = new Set<() => void>();
  const arriving = new Set<() => void>();
  return {
    enter(giveWay) {
      const [longest] = arriving;
      if (taken.size >= count) longest?.();
      if (taken.size >= count) return null;
      const seat = () => giveWay();
      taken.add(seat);
      arriving.add(seat);
      return {
        take: () => true,
        arrived: () => void arriving.delete(seat),
        leave() {
          taken.delete(seat);
          arriving.delete(seat);
        },
      };
    },
  };
}
