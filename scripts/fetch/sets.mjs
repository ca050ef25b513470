// The public sets: where they are published, with which checksums, and the files they become.

import { gzipSync } from 'node:zlib';
import { filesInTarGz, filesInZip } from './archive.mjs';

/**
 * @typedef {object} PublicSet
 * @property {string} about one line for people
 * @property {string} licence as its publisher states it
 * @property {readonly import('./download.mjs').Wanted[] & readonly { name: string }[]} downloads
 * @property {readonly string[]} files what is in the folder in the end
 * @property {((archive: Buffer) => Map<string, Uint8Array>) | null} unpack files out of the one download; null where they come as they are
 */

/** @param {string} digest */
const md5 = (digest) => ({ algorithm: /** @type {const} */ ('md5'), digest });

/**
 * The four files of MNIST and its likes.
 * @param {readonly string[]} hosts
 * @param {readonly [string, string, string, string]} digests
 */
const idx = (hosts, digests) =>
  ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'].map(
    (name, i) => ({
      name,
      urls: hosts.map((host) => `${host}/${name}`),
      checksum: md5(digests[i]),
    }),
  );

const CIFAR_ROW = 3073;

/** @param {Map<string, Buffer>} files @param {string} name */
function need(files, name) {
  const file = files.get(name);
  if (!file) throw new Error(`the archive has no '${name}'; it has ${[...files.keys()].slice(0, 10).join(', ')}`);
  return file;
}

/** @type {Readonly<Record<string, PublicSet>>} */
export const sets = {
  mnist: {
    about: 'MNIST: 70,000 handwritten digits, grey 28x28',
    licence: 'none stated',
    downloads: idx(
      ['https://ossci-datasets.s3.amazonaws.com/mnist'],
      [
        'f68b3c2dcbeaaa9fbdd348bbdeb94873',
        'd53e105ee54ea40749a09fcbcd1e9432',
        '9fb629c4189551a2d022fa330f9573f3',
        'ec29112dd5afa0611ce80d1b7f02629c',
      ],
    ),
    files: ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'],
    unpack: null,
  },
  fashion_mnist: {
    about: 'Fashion-MNIST: 70,000 pieces of clothing, grey 28x28',
    licence: 'MIT (Zalando)',
    downloads: idx(
      [
        'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
        'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion',
      ],
      [
        '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
        '25c81989df183df01b3e8a0aad5dffbe',
        'bef4ecab320f06d8554ea6380940ec79',
        'bb300cfdad3c16e7a12a480ee83cd310',
      ],
    ),
    files: ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'],
    unpack: null,
  },
  cifar10: {
    about: 'CIFAR-10: the first 9,000 train and 1,000 test pictures, and all 60,000 in full/, colour 32x32',
    licence: 'none stated',
    downloads: [
      {
        name: 'cifar-10-binary.tar.gz',
        urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
        checksum: md5('c32a1d4ab5d03f1284b67883e8d87530'),
      },
    ],
    files: [
      'train_9000.bin.gz',
      'test_1000.bin.gz',
      'batches.meta.txt',
      'full/test_batch.bin',
      'full/batches.meta.txt',
      ...[1, 2, 3, 4, 5].map((b) => `full/data_batch_${b}.bin`),
    ],
    unpack(archive) {
      const inside = filesInTarGz(archive);
      const names = need(inside, 'batches.meta.txt');
      const batches = [1, 2, 3, 4, 5].map((b) => `data_batch_${b}.bin`);
      return new Map([
        ['train_9000.bin.gz', gzipSync(need(inside, 'data_batch_1.bin').subarray(0, 9000 * CIFAR_ROW))],
        ['test_1000.bin.gz', gzipSync(need(inside, 'test_batch.bin').subarray(0, 1000 * CIFAR_ROW))],
        ['batches.meta.txt', names],
        ['full/batches.meta.txt', names],
        ...[...batches, 'test_batch.bin'].map((b) => /** @type {const} */ ([`full/${b}`, need(inside, b)])),
      ]);
    },
  },
  california_housing: {
    about: 'California housing: 20,640 districts of the 1990 census, for regression',
    licence: 'Apache-2.0',
    downloads: [{ name: 'housing.tgz', urls: ['https://github.com/ageron/data/raw/main/housing.tgz'], checksum: null }],
    files: ['housing.csv.gz'],
    unpack(archive) {
      const csv = need(filesInTarGz(archive), 'housing.csv');
      const rows = csv.toString('utf8').trimEnd().split('\n').length - 1;
      if (rows !== 20_640) throw new Error(`housing.csv has ${rows} rows; expected 20640`);
      return new Map([['housing.csv.gz', gzipSync(csv)]]);
    },
  },
  sst2: {
    about:
      'SST-2 of GLUE: 68,221 phrases of film reviews, 1 = positive; every tenth train phrase is dev, the GLUE dev set is test',
    licence: 'none stated',
    downloads: [
      {
        name: 'SST-2.zip',
        urls: ['https://dl.fbaipublicfiles.com/glue/data/SST-2.zip'],
        checksum: md5('9f81648d4199384278b86e315dac217c'),
      },
    ],
    files: ['glue_train.tsv.gz', 'glue_dev.tsv.gz', 'glue_test.tsv.gz'],
    unpack(archive) {
      const inside = filesInZip(archive);
      const [header, ...rows] = need(inside, 'SST-2/train.tsv').toString('utf8').trimEnd().split('\n');
      /** @param {string[]} lines */
      const table = (lines) => gzipSync(`${[header, ...lines].join('\n')}\n`);
      return new Map([
        ['glue_train.tsv.gz', table(rows.filter((_, i) => i % 10 !== 0))],
        ['glue_dev.tsv.gz', table(rows.filter((_, i) => i % 10 === 0))],
        ['glue_test.tsv.gz', gzipSync(need(inside, 'SST-2/dev.tsv'))],
      ]);
    },
  },
};
