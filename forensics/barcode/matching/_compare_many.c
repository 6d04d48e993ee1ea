/* A query with many records in one call. Between sequences that are nearly the same little has to be
 * computed: their substitutions are a limit for their edits, and pieces that are unchanged tell where one
 * can lie in the other. Where no band is wide enough, _distance.c computes the whole.
 *
 * Letters that are not IUPAC codes match nothing. The sequences are those of an index, which may be
 * anybody's file: every offset and number is checked before it is used.
 */

#include "_kernel.h"

#define PAD 128       /* bits before the first row of a profile: the widest band */
#define WORDS(length) (((length) + 3 * PAD) / WORD + 1)
#define SEEDS (1u << 2 * SEED)
#define WIDE_REST 24  /* bases that one sequence is longer from which on pieces tell where to look */
#define LONGEST_LATER (1 << 16) /* bases of what is compared several at once: more take too much memory */
#define SLOTS 4096    /* for seeds of pieces, of which there are fewer than a quarter */
#define MOST_PIECES 256

/* A sequence that is placed in others: its codes, and where each letter fits, a bit a row. */
typedef struct {
    Py_ssize_t length;
    const uint8_t *letters;
    uint8_t *codes;           /* what each letter stands for */
    uint64_t *profile;        /* 16 words for every 64 bits */
    int plain;                /* whether all letters are bases */
} Inner;

/* Pieces of a core side by side, by so many of their seeds that one in `step` bases of the other sequence needs to be
 * looked up. A placement with fewer edits than there are pieces has one of them unchanged. */
typedef struct {
    Py_ssize_t count, length, step;
    uint8_t known[SEEDS / 8];
    int32_t place[SLOTS]; /* of a seed in the core, -1: none */
} Pieces;

enum { OF_WHOLE = 2, OF_OTHER, CUTS };

static inline Py_ssize_t smaller(Py_ssize_t one, Py_ssize_t other)
{
    return one < other ? one : other;
}

/* Lower the best score to that of a column, and note where it is reached. */
static inline void note(Py_ssize_t score, Py_ssize_t column, Py_ssize_t *best, Py_ssize_t most,
                        Ends *ends)
{
    if (score < *best) {
        *best = score;
        if (ends)
            ends->count = 0;
    }
    if (ends && score == *best && score <= most)
        ends->column[ends->count++] = column;
}

/* Fill in an inner sequence with room for it. Of one that is placed but in bases, `plain`, letters for
 * several bases of the other need not be looked at. */
static void fill_inner(Inner *inner, const uint8_t *letters, Py_ssize_t length, int plain)
{
    Py_ssize_t words = WORDS(length);
    unsigned several = !plain;
    inner->length = length;
    inner->letters = letters;
    inner->plain = 1;
    memset(inner->profile, 0xff, PAD / WORD * 16 * sizeof *inner->profile);
    memset(inner->profile + PAD / WORD * 16, 0, (size_t)(words - PAD / WORD) * 16 * sizeof *inner->profile);
    for (Py_ssize_t i = 0; i < length; i++) {
        unsigned code = kernel_bases_of[letters[i]];
        inner->codes[i] = (uint8_t)code;
        inner->profile[(i + PAD) / WORD * 16 + code] |= (uint64_t)1 << (i + PAD) % WORD;
        inner->plain &= code && !(code & (code - 1));
    }
    several |= !inner->plain;
    for (Py_ssize_t w = PAD / WORD; several && w < words; w++) {
        uint64_t own[16], *equal = inner->profile + w * 16;
        memcpy(own, equal, sizeof own);
        memset(equal, 0, sizeof own);
        for (int code = 1; code < 16; code++)
            for (int other = 1; other < 16; other++)
                equal[code] |= code & other ? own[other] : 0;
    }
}

static int reserve_inner(Inner *inner, Py_ssize_t length)
{
    inner->codes = malloc((size_t)length + 1);
    inner->profile = malloc((size_t)WORDS(length) * 16 * sizeof *inner->profile);
    return inner->codes && inner->profile;
}

static void free_inner(Inner *inner)
{
    free(inner->codes);
    free(inner->profile);
}

static inline uint64_t bits_from(const uint64_t *of_code, Py_ssize_t bit)
{
    of_code += bit / WORD * 16;
    return of_code[0] >> bit % WORD | of_code[16] << 1 << (WORD - 1 - bit % WORD);
}

/* Least edits of `inner` in `outer` (codes), with free ends or `anchored` at the beginning, but only along the diagonals from -low on
 * that one word has room for (Hyyroe 2003): it slides down with them. What lies beside is taken as higher
 * than it can be. Rows before the first go on as if there were any. low < inner->length. */
#define DEFINE_BAND(name, Bits, BITS, EQUAL)                                                       \
    static Py_ssize_t name(const Inner *inner, const uint8_t *outer, Py_ssize_t n, Py_ssize_t low, \
                           Py_ssize_t most, int anchored, Ends *ends)                              \
    {                                                                                              \
        Bits up = ~(Bits)0 << (BITS - 1 - low), down = anchored ? ~up : 0, right, left;            \
        Py_ssize_t score = low, best = most + 1, column = 0, reached = inner->length - low;        \
        for (; column < n; column++) {                                                             \
            const uint64_t *of_code = inner->profile + outer[column];                              \
            Py_ssize_t bit = column + 1 + low + PAD - BITS;                                        \
            Bits same = EQUAL, diagonal = (((same & up) + up) ^ up) | same | down;                 \
            right = down | ~(diagonal | up);                                                       \
            left = diagonal & up;                                                                  \
            if (column < reached) { /* the last row of the band is not the last of all yet */      \
                score += !(diagonal >> (BITS - 1));                                                \
                if (column + 1 == reached)                                                         \
                    note(score, column, &best, most, ends);                                        \
            } else {                                                                               \
                int at = (int)(BITS - 1 - (column + 1 - reached));                                 \
                score += (Py_ssize_t)(right >> at & 1) - (Py_ssize_t)(left >> at & 1);             \
                note(score, column, &best, most, ends);                                            \
            }                                                                                      \
            diagonal >>= 1;                                                                        \
            up = left | ~(diagonal | right);                                                       \
            down = diagonal & right;                                                               \
        }                                                                                          \
        return best > most ? -1 : best;                                                            \
    }

DEFINE_BAND(in_band, uint64_t, 64, bits_from(of_code, bit))
#if defined(__SIZEOF_INT128__)
typedef unsigned __int128 Wide;
DEFINE_BAND(in_wide_band, Wide, 128,
            (Wide)bits_from(of_code, bit) | (Wide)bits_from(of_code, bit + WORD) << WORD)
#define WIDEST 128
#else
#define in_wide_band in_band
#define WIDEST 64
#endif

/* Least edits along all diagonals. */
static Py_ssize_t place_anywhere(const Inner *inner, const uint8_t *letters, Py_ssize_t n,
                                 Py_ssize_t most, int anchored, Ends *ends)
{
    const Pair pair = {inner->letters, letters, inner->length, n, most, 0};
    return kernel_least_edits(&pair, anchored, ends);
}

/* Least edits along the diagonals from -low to high, or -1 above `most`; -3 without memory. */
static Py_ssize_t along_diagonals(const Inner *inner, const uint8_t *letters, const uint8_t *codes,
                                  Py_ssize_t n, Py_ssize_t low, Py_ssize_t high, Py_ssize_t most,
                                  int anchored, Ends *ends)
{
    if (ends)
        ends->count = 0;
    if (low + high >= WIDEST || low >= inner->length)
        return place_anywhere(inner, letters, n, most, anchored, ends);
    if (low + high >= WORD)
        return in_wide_band(inner, codes, n, low, most, anchored, ends);
    return in_band(inner, codes, n, low, most, anchored, ends);
}

/* The same at the beginning of the outer one, which may be the shorter. */
static Py_ssize_t at_beginning(const Inner *inner, const uint8_t *letters, const uint8_t *codes,
                               Py_ssize_t n, Py_ssize_t most, Ends *ends)
{
    n = smaller(n, inner->length + most); /* no placement ends further on */
    return along_diagonals(inner, letters, codes, n, most, most, most, 1, ends);
}

/* Substitutions of two sequences laid over each other. */
FOR_EACH_PROCESSOR
static Py_ssize_t substitutions(const uint8_t *one, const uint8_t *other, Py_ssize_t length)
{
    Py_ssize_t found = 0, i = 0;
    while (i < length) {
        uint8_t here = 0;
        Py_ssize_t end = length - i < 128 ? length : i + 128;
        for (; i < end; i++)
            here = (uint8_t)(here + !(one[i] & other[i]));
        found += here;
    }
    return found;
}

static Py_ssize_t allowed(double needed, Py_ssize_t length)
{
    return (Py_ssize_t)((1 - needed) * (double)length + ROUNDING);
}

/* A record that a query is compared with, in the direction that is asked for; room for the longest. */
typedef struct {
    Py_ssize_t length;
    const uint8_t *letters;
    uint8_t *codes, *turned, *back; /* turned: its letters, if they are; back: letters and */
    uint8_t *back_codes;            /* codes the other way round, where they were needed */
    int plain, has_back;
    Ends ends, places;
    Py_ssize_t *starts;
    Inner inner; /* of what is placed of it */
    Py_ssize_t room;
} Other;

#define LANES 8
#define CODES 17 /* what letters stand for, a bit a base; and */
#define EVERY 16 /* what all match */
#define FEW 3 /* fewer records are compared one by one */

/* What is known of a comparison before its band is computed: see `compare_whole` and `compare_part`. */
typedef struct {
    Comparison *comparison;
    Py_ssize_t length, limit, fewest, most, first;
} Lane;

/* Lanes that wait for a band of `words` words from the diagonal -low on. Where shorter records are placed `within` the
 * query, its bases are the rows all the same, each lane has diagonals of its own, and all records end with the last
 * column. */
typedef struct {
    const Inner *inner;
    Py_ssize_t low, room, columns; /* room: columns of a lane; columns: those of `equal` */
    int words, count, within;
    uint32_t filled; /* the codes, a bit each, that `equal` has */
    uint64_t *equal; /* by code, column and word where the code fits */
    uint32_t *at;    /* by lane where the codes of its record begin there */
    Lane lane[LANES];
    int64_t best[LANES], ends[LANES]; /* least edits, and at how many columns placements with these end */
    uint64_t up[2][LANES], down[2][LANES]; /* the last column of what is placed within, by word */
} Band;

/* A strand of a query, forwards and backwards. */
struct Prepared {
    Inner whole, core[2]; /* core: its first `least` bases, in each direction */
    Inner back[2];        /* the same, backwards */
    uint8_t *letters, *turned, *codes[2]; /* of the whole, and backwards */
    Pieces *pieces[CUTS]; /* of the core in each direction, the whole, and the other sequence */
    Other other;          /* the record that it is compared with */
    Band bands[PLACEMENTS + 1][2]; /* of one word, and of two; the last ones of what is placed within the query */
};

/* The code of the seed at a place, of codes that stand for one base each. */
static inline uint32_t base_of(uint8_t code)
{
    return (uint32_t)(code >> 1) - (code >> 3); /* 1, 2, 4, 8: 0, 1, 2, 3 */
}

static int32_t *slot_of(Pieces *pieces, uint32_t seed, uint32_t turn)
{
    return &pieces->place[(seed * 40503u + turn) % SLOTS];
}

/* The seed of eight codes, the first one lowest. */
static inline uint32_t seed_at(const uint8_t *codes)
{
    uint64_t bases;
    memcpy(&bases, codes, sizeof bases);
    bases = (bases >> 1 & 0x7f7f7f7f7f7f7f7fu) - (bases >> 3 & 0x1f1f1f1f1f1f1f1fu); /* base_of */
    bases = (bases | bases >> 6) & 0x000f000f000f000fu;
    bases = (bases | bases >> 12) & 0x000000ff000000ffu;
    return (uint32_t)(bases | bases >> 24) & (SEEDS - 1);
}

/* Cut a core into more pieces than `most`, of which `once` alone the first seeds are noted: quickly done. 0 if they
 * are too short. */
static int cut_core(Pieces *pieces, const Inner *core, Py_ssize_t most, int once)
{
    pieces->count = most + 1;
    pieces->length = core->length / (most + 1);
    if (pieces->length < SEED || pieces->count > MOST_PIECES || !core->plain) {
        pieces->length = 0;
        return 0;
    }
    pieces->step = once ? 1 : smaller(pieces->length - SEED + 1, SLOTS / 4 / pieces->count);
    memset(pieces->known, 0, sizeof pieces->known);
    memset(pieces->place, 0xff, sizeof pieces->place);
    for (Py_ssize_t i = 0; i < pieces->count; i++)
        for (Py_ssize_t place = i * pieces->length, end = place + pieces->step; place < end; place++) {
            uint32_t seed = seed_at(core->codes + place), turn = 0;
            pieces->known[seed >> 3] |= (uint8_t)(1 << (seed & 7));
            while (*slot_of(pieces, seed, turn) >= 0)
                turn++;
            *slot_of(pieces, seed, turn) = (int32_t)place;
        }
    return 1;
}

/* Cut a sequence for placements with so many edits, where it is not yet; 0 if it cannot be. */
static int has_pieces(Pieces *pieces, const Inner *core, Py_ssize_t most, int once)
{
    if (most >= pieces->count || (!pieces->length && most < pieces->count - 1))
        cut_core(pieces, core, most, once);
    return pieces->length > 0;
}

/* Find the least and the highest diagonal on which a piece lies unchanged; 0 if there is none. */
static int diagonals(Pieces *pieces, const Inner *core, const uint8_t *codes, Py_ssize_t n,
                     Py_ssize_t *low, Py_ssize_t *high)
{
    uint32_t seed = n < SEED ? 0 : seed_at(codes);
    int found = 0;
    for (Py_ssize_t at = 0; at + SEED <= n; at += pieces->step) {
        if (pieces->step > 1)
            seed = seed_at(codes + at);
        else if (at)
            seed = seed >> 2 | base_of(codes[at + SEED - 1]) << 2 * (SEED - 1);
        if (!(pieces->known[seed >> 3] >> (seed & 7) & 1))
            continue;
        int32_t place;
        for (uint32_t turn = 0; (place = *slot_of(pieces, seed, turn)) >= 0; turn++) {
            Py_ssize_t into = place % pieces->length, diagonal = at - place;
            if (into > at || pieces->length > n - at + into ||
                memcmp(core->codes + place - into, codes + at - into, (size_t)pieces->length))
                continue;
            *low = !found || diagonal < *low ? diagonal : *low;
            *high = !found || diagonal > *high ? diagonal : *high;
            found = 1;
        }
    }
    return found;
}

static int in_order(const void *one, const void *other)
{
    Py_ssize_t a = *(const Py_ssize_t *)one, b = *(const Py_ssize_t *)other;
    return a < b ? -1 : a > b;
}

/* What of the outer sequence placements can touch, and on which diagonals of that. */
typedef struct {
    Py_ssize_t first, length, low, high;
} Window;

/* Return the window of placements with at most `most` edits that keep a piece on a diagonal from left to
 * right, or the whole where that is no smaller. */
static Window window_of(Py_ssize_t left, Py_ssize_t right, Py_ssize_t most, Py_ssize_t m, Py_ssize_t n)
{
    Py_ssize_t first = left > most ? left - most : 0, end = smaller(n, right + m + most);
    if (end - first < m)
        return (Window){0, n, most, n - m + most};
    return (Window){first, end - first, most - (left - first), right - first + most};
}

/* What is left of a comparison when all that is cheap was tried. */
typedef struct {
    const Inner *inner;
    const uint8_t *letters, *codes; /* what it is placed in */
    Window window;
    Py_ssize_t limit, most;  /* edits that are looked for, and that are asked for */
    Py_ssize_t fewest, same; /* what substitutions alone take */
    int turned;              /* the other one is placed in the query: `inner` is not filled in yet */
} Plan;

/* Instead of edits: they are not known yet. */
#define OPEN -2

/* The edits of the shorter placed whole in the longer, where they are known without a band. Where a band of `width`
 * diagonals has room for all, no pieces are looked up. Where all of both must be looked at, it is left for `later`, if
 * given, with what is returned unless that finds fewer. */
static Py_ssize_t plan_whole(Prepared *query, double needed, Py_ssize_t bound, Py_ssize_t width,
                             Placed *later, Plan *plan)
{
    Other *other = &query->other;
    const Inner *inner = &query->whole, own = {other->length, other->letters, other->codes, NULL, other->plain};
    Pieces *pieces = query->pieces[OF_WHOLE];
    const uint8_t *letters = other->letters, *codes = other->codes;
    Py_ssize_t n = other->length, m = inner->length, most, fewest;
    int turned = n < m; /* the other one is placed in the query */
    if (turned) {
        pieces = query->pieces[OF_OTHER];
        pieces->count = 0; /* of another sequence */
        letters = query->whole.letters;
        codes = query->codes[0];
        inner = &own;
        n = m;
        m = other->length;
    }
    Py_ssize_t rest = n - m;
    most = smaller(m, allowed(needed, m));
    /* Substitutions alone at either end are edits, too: what is looked for has fewer. */
    fewest = substitutions(inner->codes, codes, m);
    if (rest)
        fewest = smaller(fewest, substitutions(inner->codes, codes + rest, m));
    if (fewest <= bound || (fewest == 1 && !rest))
        return fewest <= most ? fewest : -1;
    Py_ssize_t limit = smaller(most, fewest - 1);
    int piecewise = rest > WIDE_REST && rest + 2 * limit >= width && query->whole.plain && other->plain &&
                    m / (limit + 1) >= SEED;
    Window window = {0, n, limit, rest + limit};
    if (piecewise && has_pieces(pieces, inner, limit, turned)) {
        Py_ssize_t left, right;
        if (!diagonals(pieces, inner, codes, n, &left, &right))
            return fewest <= most ? fewest : -1;
        if (left == right && left >= 0 && left <= rest) {
            fewest = smaller(fewest, substitutions(inner->codes, codes + left, m));
            if (fewest <= bound)
                return fewest <= most ? fewest : -1;
            limit = smaller(limit, fewest - 1);
        }
        window = window_of(left, right, limit, m, n);
    }
    if (later && window.low + window.high >= WIDEST && n <= LONGEST_LATER) {
        *later = (Placed){.letters = other->letters, .length = other->length, .most = limit};
        return fewest <= most ? fewest : -1;
    }
    *plan = (Plan){turned ? &other->inner : inner, letters, codes, window, limit, most, fewest, -1, turned};
    return OPEN;
}

/* Compute the band of a plan; the columns where the best placements end, if they are asked for. */
static Py_ssize_t in_window(const Plan *plan, Ends *ends)
{
    const Window *window = &plan->window;
    return along_diagonals(plan->inner, plan->letters + window->first, plan->codes + window->first,
                           window->length, window->low, window->high, plan->limit, 0, ends);
}

/* Carry out a plan of `plan_whole`: -1 more edits than asked for, -3 no memory. */
static Py_ssize_t place_whole(Prepared *query, const Plan *plan)
{
    if (plan->turned)
        fill_inner(&query->other.inner, query->other.letters, query->other.length, query->whole.plain);
    Py_ssize_t edits = in_window(plan, NULL);
    return edits != -1 ? edits : plan->fewest <= plan->most ? plan->fewest : -1;
}

/* Edits of the shorter placed whole in the longer, `bound` at least; -1, -3 as above. */
static Py_ssize_t compare_whole(Prepared *query, double needed, Py_ssize_t bound)
{
    Plan plan;
    Py_ssize_t edits = plan_whole(query, needed, bound, 0, NULL, &plan);
    return edits == OPEN ? place_whole(query, &plan) : edits;
}

/* Plan to place the query's first bases, -1 where none of their placements can be of use. Where a band of `width`
 * diagonals has room for those that can be, the plan is of these alone, and no pieces are looked up. */
static Py_ssize_t plan_part(Prepared *query, int turned, double needed, Py_ssize_t width, Plan *plan)
{
    Other *other = &query->other;
    const Inner *core = &query->core[turned];
    Pieces *pieces = query->pieces[turned];
    Py_ssize_t m = core->length, n = other->length, whole = query->whole.length;
    Py_ssize_t most = smaller(m, allowed(needed, smaller(whole, n))), first = 0;
    *plan = (Plan){core, other->letters, other->codes, {0, n, most, n - m + most}, most, most, -1, -1, 0};
    if (width && needed > 0 && (double)n * needed > (double)whole)
        first = smaller(n - m, n - (Py_ssize_t)((double)whole / needed + 1));
    if (n - first - m + 2 * most < width) {
        plan->window = (Window){first, n - first, most, n - first - m + most};
        return OPEN;
    }
    if (!other->plain || !has_pieces(pieces, core, most, 0))
        return OPEN;
    Py_ssize_t left, right;
    if (!diagonals(pieces, core, other->codes, n, &left, &right))
        return -1;
    /* The rest of the record must end within the query: none that begins before can. */
    if ((double)(n - right - most) * needed > (double)whole)
        return -1;
    if (left == right && left >= 0 && left + m <= n) {
        Py_ssize_t same = substitutions(core->codes, other->codes + left, m);
        plan->limit = most = smaller(most, same);
        plan->same = left || same > most ? -1 : same; /* at the very beginning */
    }
    plan->window = window_of(left, right, most, m, n);
    return OPEN;
}

/* Edits where the query's last bases (or, turned, its first ones) stick out and the record's at the
 * other end, and over how many bases (docs/search.md, "Partial overlap"). -1, -3 as above. */
static Py_ssize_t compare_part(Prepared *query, int turned, double needed, Py_ssize_t *over,
                               Py_ssize_t *aligned)
{
    Other *other = &query->other;
    Plan plan;
    const uint8_t *letters = other->letters, *codes = other->codes;
    Py_ssize_t m = query->core[turned].length, n = other->length, whole = query->whole.length, end;
    if (n < m)
        return -1;
    ++*aligned;
    if (plan_part(query, turned, needed, 0, &plan) != OPEN)
        return -1;
    Py_ssize_t found = in_window(&plan, &other->ends);
    if (found < 0)
        return found;
    Py_ssize_t count = 0, edits = -1;
    for (Py_ssize_t i = 0; i < other->ends.count; i++) {
        Py_ssize_t place = other->ends.column[i] + plan.window.first + 1;
        if (plan.same == found && place == m)
            continue; /* the longest begins with the record: that sticks out nowhere */
        if (!other->has_back) {
            kernel_reverse(other->back, letters, n);
            kernel_reverse(other->back_codes, codes, n);
            other->has_back = 1;
        }
        if (at_beginning(&query->back[turned], other->back + n - place, other->back_codes + n - place,
                         place, found, &other->places) != found)
            return -3; /* it can be nothing else */
        other->starts[count++] = place - 1 - other->places.column[other->places.count - 1];
    }
    qsort(other->starts, (size_t)count, sizeof *other->starts, in_order);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t start = other->starts[i], rest = n - start, length;
        if (start == 0 || rest < m || (i && start == other->starts[i - 1]))
            continue;
        ++*aligned;
        fill_inner(&other->inner, letters + start, rest, query->whole.plain);
        found = at_beginning(&other->inner, turned ? query->turned : query->letters,
                             query->codes[turned], whole, smaller(rest, allowed(needed, rest)),
                             &other->places);
        if (found == -1)
            continue;
        if (found < 0)
            return found;
        end = other->places.column[other->places.count - 1] + 1;
        if (end == whole || end < m)
            continue;
        length = smaller(rest, end);
        if (edits < 0 || found * *over < edits * length) {
            edits = found;
            *over = length;
        }
    }
    return edits;
}

static const char NAME[] = "forensics.query";

static void free_other(Other *other)
{
    free(other->codes);
    free(other->turned);
    free(other->back);
    free(other->back_codes);
    free(other->ends.column);
    free(other->places.column);
    free(other->starts);
    free_inner(&other->inner);
}

/* Make room for a record of so many bases, and a query. */
static int reserve_other(Other *other, Py_ssize_t length, Py_ssize_t query)
{
    size_t most = (size_t)(length > query ? length : query) + 1;
    free_other(other);
    memset(other, 0, sizeof *other);
    other->codes = malloc(most);
    other->turned = malloc(most);
    other->back = malloc(most);
    other->back_codes = malloc(most);
    other->ends.column = malloc(most * sizeof *other->ends.column);
    other->places.column = malloc(most * sizeof *other->places.column);
    other->starts = malloc(most * sizeof *other->starts);
    if (!other->codes || !other->turned || !other->back || !other->back_codes ||
        !other->ends.column || !other->places.column || !other->starts ||
        !reserve_inner(&other->inner, length))
        return 0;
    other->room = length;
    return 1;
}

static void free_band(Band *band)
{
    free(band->at);
    free(band->equal);
    *band = (Band){0};
}

void kernel_free_prepared(Prepared *query)
{
    if (!query)
        return;
    free_inner(&query->whole);
    for (int turned = 0; turned < 2; turned++) {
        free_inner(&query->core[turned]);
        free_inner(&query->back[turned]);
        free(query->codes[turned]);
    }
    for (int which = 0; which < CUTS; which++)
        free(query->pieces[which]);
    free_other(&query->other);
    for (int which = 0; which <= PLACEMENTS; which++)
        for (int words = 1; words <= 2; words++)
            free_band(&query->bands[which][words - 1]);
    free(query->letters);
    free(query->turned);
    free(query);
}

static void free_capsule(PyObject *capsule)
{
    kernel_free_prepared(PyCapsule_GetPointer(capsule, NAME));
}

static int prepare(Prepared *query, const char *letters, Py_ssize_t length, Py_ssize_t least)
{
    query->letters = malloc((size_t)length);
    query->turned = malloc((size_t)length);
    int fine = query->letters && query->turned && reserve_inner(&query->whole, length);
    for (int which = 0; which < CUTS; which++)
        fine = (query->pieces[which] = calloc(1, sizeof(Pieces))) && fine;
    for (int turned = 0; turned < 2; turned++) {
        query->codes[turned] = malloc((size_t)length);
        fine = fine && query->codes[turned] &&
               reserve_inner(&query->core[turned], least) && reserve_inner(&query->back[turned], least);
    }
    if (!fine)
        return 0;
    memcpy(query->letters, letters, (size_t)length);
    kernel_reverse(query->turned, query->letters, length);
    fill_inner(&query->whole, query->letters, length, 0);
    memcpy(query->codes[0], query->whole.codes, (size_t)length);
    kernel_reverse(query->codes[1], query->codes[0], length);
    for (int turned = 0; turned < 2; turned++) {
        const uint8_t *there = turned ? query->turned : query->letters;
        const uint8_t *back = turned ? query->letters : query->turned;
        fill_inner(&query->core[turned], there, least, 0);
        fill_inner(&query->back[turned], back + length - least, least, 0);
    }
    return 1;
}

Prepared *kernel_new_prepared(const char *letters, Py_ssize_t length, Py_ssize_t least)
{
    Prepared *query = calloc(1, sizeof *query);
    if (query && !prepare(query, letters, length, least)) {
        kernel_free_prepared(query);
        query = NULL;
    }
    return query;
}

PyObject *kernel_prepare_query(PyObject *self, PyObject *args)
{
    const char *letters;
    Py_ssize_t length, least;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#n", &letters, &length, &least))
        return NULL;
    if (length < 1 || least < 1 || least > length || length > INT32_MAX / 64) {
        PyErr_SetString(PyExc_ValueError, "the least overlap is part of a sequence, and not empty");
        return NULL;
    }
    Prepared *query = kernel_new_prepared(letters, length, least);
    if (!query)
        return PyErr_NoMemory();
    PyObject *capsule = PyCapsule_New(query, NAME, free_capsule);
    if (!capsule)
        kernel_free_prepared(query);
    return capsule;
}

/* Write what each letter can stand for; 0 if one stands for several bases or none. */
FOR_EACH_PROCESSOR
static int write_codes(const uint8_t *__restrict letters, Py_ssize_t length, uint8_t *__restrict codes)
{
    uint8_t odd = 0;
    for (Py_ssize_t i = 0; i < length; i++) { /* without a table: many at once */
        uint8_t letter = letters[i];
        codes[i] = (uint8_t)((letter == 'A') | (letter == 'C') << 1 | (letter == 'G') << 2 |
                             (letter == 'T') << 3);
        odd |= !codes[i];
    }
    for (Py_ssize_t i = 0; odd && i < length; i++)
        codes[i] = kernel_bases_of[letters[i]];
    return !odd;
}

static void read_other(Other *other, const char *letters, Py_ssize_t length, int turned)
{
    other->letters = (const uint8_t *)letters;
    other->length = length;
    other->has_back = 0;
    if (turned) {
        kernel_reverse(other->turned, other->letters, length);
        other->letters = other->turned;
    }
    other->plain = write_codes(other->letters, length, other->codes);
}

const char *kernel_record(const char *bases, Py_ssize_t end, const uint64_t *offsets, Py_ssize_t size,
                          Py_ssize_t number, Py_ssize_t *length)
{
    if (number >= size || offsets[number] >= offsets[number + 1] ||
        offsets[number + 1] > (uint64_t)end || offsets[number + 1] - offsets[number] > INT32_MAX / 64)
        return NULL;
    *length = (Py_ssize_t)(offsets[number + 1] - offsets[number]);
    return bases + offsets[number];
}

/* Take up a record as a placement asks for it, and what is compared of it at most; 0 without memory. */
static int read_record(Prepared *query, int placement, const char *letters, Py_ssize_t length,
                       Py_ssize_t *over)
{
    *over = placement == WHOLE ? smaller(query->whole.length, length) : 0;
    if (length > query->other.room && !reserve_other(&query->other, length, query->whole.length))
        return 0;
    read_other(&query->other, letters, length, placement == LEFT);
    return 1;
}

Py_ssize_t kernel_compare(Prepared *query, int placement, const char *letters, Py_ssize_t length,
                          double needed, Py_ssize_t bound, Py_ssize_t *over, Py_ssize_t *aligned)
{
    if (!read_record(query, placement, letters, length, over))
        return -3;
    if (placement != WHOLE)
        return compare_part(query, placement == LEFT, needed, over, aligned);
    ++*aligned;
    return compare_whole(query, needed, bound);
}

#include "_bands.c"

/* The buffers of a call. */
enum { BASES, OFFSETS, RECORDS, NEEDED, SHARED, BUFFERS };

/* Return how many different words of SEED letters a sequence has; 0 where it has IUPAC codes, -1 without memory. */
static Py_ssize_t count_words(const Inner *inner)
{
    Py_ssize_t count = 0;
    uint8_t *seen = calloc(SEEDS / 8, 1);
    if (!seen)
        return -1;
    for (Py_ssize_t at = 0; inner->plain && at + SEED <= inner->length; at++) {
        uint32_t seed = seed_at(inner->codes + at);
        count += !(seen[seed >> 3] >> (seed & 7) & 1);
        seen[seed >> 3] |= (uint8_t)(1 << (seed & 7));
    }
    free(seen);
    return count;
}

/* Compare with each record; 0 if the index is damaged, -1 without memory. */
static int compare_all(Prepared *query, int placement, const Py_buffer *view, int32_t *edits,
                       int32_t *over, Py_ssize_t *aligned)
{
    Py_ssize_t count = view[RECORDS].len / 4;
    Py_ssize_t words = view[SHARED].len ? count_words(&query->whole) : 0;
    Comparison *some = words < 0 ? NULL : calloc((size_t)count + 1, sizeof *some);
    if (!some)
        return -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        some[i].record = ((const uint32_t *)view[RECORDS].buf)[i];
        memcpy(&some[i].needed, (const char *)view[NEEDED].buf + i * 8, sizeof some[i].needed);
        if (words)
            some[i].lacking = words - (Py_ssize_t)((const uint32_t *)view[SHARED].buf)[i];
    }
    int fine = kernel_compare_some(query, placement, view[BASES].buf, view[BASES].len, view[OFFSETS].buf,
                                   view[OFFSETS].len / 8 - 1, some, count, aligned);
    for (Py_ssize_t i = 0; fine > 0 && i < count; i++) {
        edits[i] = (int32_t)some[i].edits;
        over[i] = (int32_t)some[i].over;
    }
    free(some);
    return fine;
}

PyObject *kernel_compare_many(PyObject *self, PyObject *args)
{
    PyObject *capsule, *buffer[BUFFERS], *edits = NULL, *over = NULL, *result = NULL;
    Py_buffer view[BUFFERS];
    int placement, views = 0, fine;
    Py_ssize_t aligned = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "OiOOOOO", &capsule, &placement, &buffer[BASES], &buffer[OFFSETS],
                          &buffer[RECORDS], &buffer[NEEDED], &buffer[SHARED]))
        return NULL;
    Prepared *query = PyCapsule_GetPointer(capsule, NAME);
    if (!query)
        return NULL;
    for (; views < BUFFERS; views++)
        if (PyObject_GetBuffer(buffer[views], &view[views], PyBUF_SIMPLE))
            goto done;
    if (placement < 0 || placement > 2 || view[OFFSETS].len < 16 || view[OFFSETS].len % 8 ||
        view[RECORDS].len % 4 || view[NEEDED].len != view[RECORDS].len * 2 ||
        (view[SHARED].len && view[SHARED].len != view[RECORDS].len)) {
        PyErr_SetString(PyExc_ValueError, "sections do not fit");
        goto done;
    }
    for (Py_ssize_t i = 0; i < view[NEEDED].len / 8; i++) {
        double needed;
        memcpy(&needed, (const char *)view[NEEDED].buf + i * 8, sizeof needed);
        if (!(needed >= 0 && needed <= 1)) {
            PyErr_SetString(PyExc_ValueError, "an identity lies between 0 and 1");
            goto done;
        }
    }
    edits = PyBytes_FromStringAndSize(NULL, view[RECORDS].len);
    over = PyBytes_FromStringAndSize(NULL, view[RECORDS].len);
    if (!edits || !over)
        goto done;
    int32_t *edits_of = (int32_t *)PyBytes_AsString(edits), *over_of = (int32_t *)PyBytes_AsString(over);
    Py_BEGIN_ALLOW_THREADS
    fine = compare_all(query, placement, view, edits_of, over_of, &aligned);
    Py_END_ALLOW_THREADS
    if (fine > 0)
        result = Py_BuildValue("(OOn)", edits, over, aligned);
    else
        kernel_failed(fine);
done:
    Py_XDECREF(edits);
    Py_XDECREF(over);
    while (views--)
        PyBuffer_Release(&view[views]);
    return result;
}
