# The overlay's files as they are where no compat header is needed. A function that a
# compat header defines and mainline has as well needs no line here.
/^#include <trace\/events\/snd_dpcm-compat\.h>$/ { N; d }
/^#include .*compat\.h[">]$/d
s/\<dpcm_no_route(path)/path->is_supply/
s/\<snd_dpcm_assign_str(\([a-z]*\), [^;]*);/__assign_str(\1);/
# Bespoke triggers are gone.
/^#ifdef NC1_BESPOKE_TRIGGER$/,/^#endif$/ { /^#endif$/!d; N; s/.*\n//; /./!d }
/^#ifndef NC1_BESPOKE_TRIGGER$/,/^#endif$/ { /^#/d }
/^\tnc1_link_directions(link);$/d
s/\<NC1_DMA_OPS_ALLOC_PAGES\>/alloc_pages_op/
s/\<NC1_PCM_COPY\>/copy/
s/\<nc1_copy_from \*/struct iov_iter */
s/\<nc1_copy_in(\(.*\), from, bytes) ? /copy_from_iter(\1, bytes, from) == bytes ? /
# The page that lists the files
/^``compat\.h``$/,/kernel version\.$/d
