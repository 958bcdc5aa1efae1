import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { roomOf, seatsOf } from '../../../src/github/places.ts';

describe('the room for large bodies', () => {
  it('has place for so many bytes, and has them back once when a body leaves', () => {
    const room = roomOf(10);
    const [first, second] = [room.enter(() => undefined)!, room.enter(() => undefined)!];
    assert.deepEqual([first.take(6), second.take(4), second.take(1)], [true, true, false]);
    first.leave();
    first.leave();
    assert.deepEqual([second.take(6), second.take(1)], [true, false]);
  });
});

describe('the seats for small bodies', () => {
  it('go to the newest; the one that has been arriving for longest gives way', () => {
    const seats = seatsOf(2);
    const gone: string[] = [];
    const enter = (name: string) => {
      const seat = seats.enter(() => {
        gone.push(name);
        seat?.leave();
      });
      return seat;
    };
    for (const name of ['a', 'b', 'c', 'd']) assert.notEqual(enter(name), null);
    assert.deepEqual(gone, ['a', 'b']);
  });

  it('are kept by what has arrived, until it leaves', () => {
    const seats = seatsOf(2);
    const enter = () => seats.enter(() => assert.fail('nobody has to give way'));
    const [first, second] = [enter()!, enter()!];
    first.arrived();
    second.arrived();
    assert.equal(enter(), null);
    second.leave();
    second.leave();
    assert.notEqual(enter(), null);
  });
});
