import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Body, Controller, createApp, File, Files, Post, UploadedFile } from '../../src/index.js';

const Album = z.object({ title: z.string(), tag: z.array(z.string()).optional() });

@Controller('/albums')
class Albums {
  @Post() async create(
    @Body(Album) album: z.infer<typeof Album>,
    @File('cover?') cover?: UploadedFile,
    @Files('page?') pages: UploadedFile[] = [],
  ) {
    const texts = await Promise.all(pages.map((page) => page.text()));
    return { ...album, cover: cover && [cover.filename, cover.type, await cover.text()], texts };
  }
  @Post('/all') all(@Files() all: UploadedFile[]) {
    return all.map(({ name, size }) => [name, size]);
  }
}

const app = createApp({ controllers: [Albums] });
const cover = new UploadedFile({ name: 'cover', filename: 'c.png', type: 'image/png' }, Buffer.from('png'));
const page = (text: string) => new UploadedFile({ name: 'page', filename: `${text}.txt` }, Buffer.from(text));

describe('a form with files under test', () => {
  it('is sent as fetch sends it', async () => {
    await using t = await app.test();
    const form = new FormData();
    form.append('title', 'ü');
    form.append('cover', new Blob(['png'], { type: 'image/png' }), 'c.png');
    const res = await t.post('/albums', { form });
    expect(await res.json()).toEqual({ title: 'ü', cover: ['c.png', 'image/png', 'png'], texts: [] });
  });

  it('is made of the arguments of a method', async () => {
    await using t = await app.test();
    const created = await t.of(Albums).create({ title: 't', tag: ['a', 'b'] }, cover, [page('1'), page('2')]);
    expect(await created.json()).toEqual({
      title: 't',
      tag: ['a', 'b'],
      cover: ['c.png', 'image/png', 'png'],
      texts: ['1', '2'],
    });
    expect(await (await t.of(Albums).create({ title: 't' })).json()).toEqual({ title: 't', texts: [] });
    expect(await (await t.of(Albums).all([cover, page('1')])).json()).toEqual([
      ['cover', 3],
      ['page', 1],
    ]);
  });

  it('may lack what is missed', async () => {
    await using t = await app.test();
    expect((await t.of(Albums).create(undefined, cover)).status).toBe(422);
  });
});
