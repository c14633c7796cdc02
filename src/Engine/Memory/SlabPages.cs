namespace OrleansKv.Engine.Memory;

/// <summary>The pages of one size class, shared by all threads, under one lock.</summary>
/// <remarks>A page is aligned to its size, so that a block's page is found by masking its address. A page whose blocks are all free goes
/// back to the regions that every class draws from.</remarks>
internal sealed unsafe class SlabPages(int blockBytes)
{
    private const int PageBytes = SlabRegions.PageBytes;
    private const int HeaderBytes = 64;

    private readonly Lock _lock = new();
    private Page* _partial;

    private struct Page
    {
        public Page* Next;
        public Page* Previous;
        public byte* Free;
        public int UsedCount;
        public int FreshOffset;
        public bool Listed;
    }

    /// <summary>Blocks that move between a thread and the pages at once: about 4 KiB of them.</summary>
    public static int BatchOf(int blockBytes) => Math.Clamp(8192 / blockBytes, 4, 64);

    /// <summary>Takes up to <paramref name="wanted"/> blocks (at least one), chained through their first word.</summary>
    public byte* Take(int wanted, out int count)
    {
        byte* head = null;
        count = 0;
        lock (_lock)
        {
            while (count < wanted)
            {
                if (_partial == null)
                {
                    if (count > 0) break;
                    List(NewPage());
                }

                var page = _partial;
                var block = page->Free;
                if (block != null)
                {
                    page->Free = *(byte**)block;
                }
                else
                {
                    block = (byte*)page + page->FreshOffset;
                    page->FreshOffset += blockBytes;
                }

                page->UsedCount++;
                if (page->Free == null && page->FreshOffset + blockBytes > PageBytes) Unlist(page);
                *(byte**)block = head;
                head = block;
                count++;
            }
        }

        return head;
    }

    /// <summary>Takes back the first <paramref name="count"/> blocks of the chain and gives the rest of it.</summary>
    public byte* Return(byte* head, int count)
    {
        lock (_lock)
        {
            for (; count > 0; count--)
            {
                var next = *(byte**)head;
                var page = (Page*)((nuint)head & ~(nuint)(PageBytes - 1));
                *(byte**)head = page->Free;
                page->Free = head;
                if (--page->UsedCount == 0)
                {
                    if (page->Listed) Unlist(page);
                    SlabRegions.ReturnPage((byte*)page);
                }
                else if (!page->Listed)
                {
                    List(page);
                }

                head = next;
            }
        }

        return head;
    }

    private void List(Page* page)
    {
        page->Listed = true;
        page->Previous = null;
        page->Next = _partial;
        if (_partial != null) _partial->Previous = page;
        _partial = page;
    }

    private void Unlist(Page* page)
    {
        page->Listed = false;
        if (page->Previous != null) page->Previous->Next = page->Next;
        else _partial = page->Next;
        if (page->Next != null) page->Next->Previous = page->Previous;
    }

    private static Page* NewPage()
    {
        var page = (Page*)SlabRegions.TakePage();
        *page = new Page { FreshOffset = HeaderBytes };
        return page;
    }
}
