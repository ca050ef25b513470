import type { RunRecord } from '../../run/record.ts';
import { counted, duration, fixed, scientific } from '../format.ts';
import { facts } from '../parts.ts';
import type { Section } from '../section.ts';

export const environment: Section = {
  id: 'environment',
  name: 'Environment',
  title: 'Data and environment',
  render: ({ results }: RunRecord) => {
    const { data, environment: host, seconds, parity, seeds, potstill } = results;
    return facts([
      ['Data', data.name],
      ['Examples', `${fixed(data.train, 0)} training, ${fixed(data.validation, 0)} validation, ${fixed(data.test, 0)} test`],
      [
        'One example',
        `${data.shape.join(' × ')}${data.classes === null ? '' : `, ${counted(data.classes.length, 'class', 'classes')}`}`,
      ],
      ['Seeds', seeds.join(', ')],
      ['Training time', duration(seconds.teacher + seconds.scratch + seconds.distilled)],
      ['Export parity', `within ${scientific(parity.maxAbsError)}`],
      ['Potstill', potstill],
      ['ONNX Runtime', `${host.onnxruntime}, ${host.provider}, ${counted(host.threads, 'thread')}`],
      ['Node', host.node],
      ['Platform', host.platform],
      ['Processor', host.cpu],
    ]);
  },
};
