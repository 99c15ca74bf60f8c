import { TransferMeter } from '../../src/cli/transfer-meter.ts';
import { ID, OTHER_ID } from './support/fake-node.ts';

const at = (received: number, source = OTHER_ID) => ({ received, size: 10_000, source });

describe('TransferMeter', () => {
  test('knows no rate from one look', () => {
    expect(new TransferMeter(at(100), 0).figures(0)).toMatchObject({ rate: undefined, leftMs: undefined });
  });

  test('leaves what was here at the beginning out of the rate', () => {
    const meter = new TransferMeter(at(5_000), 0);
    meter.take(at(6_000), 1_000);
    expect(meter.figures(1_000)).toMatchObject({ rate: 1_000, leftMs: 4_000 });
  });

  test('follows the last seconds, not the whole', () => {
    const meter = new TransferMeter(at(0), 0);
    for (let second = 1; second <= 10; second++) meter.take(at(second * 100), second * 1_000);
    for (let second = 1; second <= 5; second++) meter.take(at(1_000 + second * 1_000), 10_000 + second * 1_000);
    expect(meter.figures(15_000).rate).toBe(1_000);
  });

  test('falls while nothing comes', () => {
    const meter = new TransferMeter(at(0), 0);
    meter.take(at(1_000), 1_000);
    expect(meter.figures(4_000).rate).toBe(250);
  });

  test('begins anew where a wrong content was discarded', () => {
    const meter = new TransferMeter(at(0), 0);
    meter.take(at(9_000), 1_000);
    meter.take(at(0), 2_000);
    meter.take(at(500), 3_000);
    expect(meter.figures(3_000).rate).toBe(500);
  });

  test('counts the nodes of the last seconds, and always the last of all', () => {
    const meter = new TransferMeter(at(0, ID), 0);
    meter.take(at(1_000), 1_000);
    expect(meter.figures(1_000).peers).toEqual([ID, OTHER_ID]);
    expect(meter.figures(3_500).peers).toEqual([OTHER_ID]);
    expect(meter.figures(9_000).peers).toEqual([OTHER_ID]);
  });

  test('keeps few samples however often it is told', () => {
    const meter = new TransferMeter(at(0), 0);
    for (let tick = 1; tick <= 5_000; tick++) meter.take(at(tick), tick);
    expect(meter.figures(5_000).rate).toBe(1_000);
  });
});
