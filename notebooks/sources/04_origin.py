# %% [markdown]
# # Lesson 4: where did it come from?
#
# **Goal.** You read a statement of origin, say what it compares, and stop it where its reference stops.
#
# You need half an hour and no network. First choose *Edit*, *Clear Outputs of All Cells*, so that you see no result
# before your own answer. Then run each cell with Shift + Enter, in order.
# Lesson 3 comes before this one: its question, "is the right answer among those that are offered?", returns.

# %%
import forensics
from forensics import origin, training

training.begin("en")
model, tusks = training.tusks()  # half a minute: read on

# %% [markdown]
# ## 1. Why somebody asks
#
# Two tusks are on the table, both of savannah elephants. One animal lived in Gabon, the other in Botswana.
#
# **Question 4.1.** Are both listed in the same Appendix of CITES, whatever was done with them?
#
# - **a** Yes: it is one species, and a listing is of a species.
# - **b** No: of this species some populations are in Appendix II, so the country where the animal lived decides.
# - **c** No: the Appendix depends on the country where the tusk was seized.

# %%
answer = None  # "a", "b" or "c"
training.check("4.1", answer)

# %%
gabon = forensics.listing_of("Loxodonta africana", population="Gabon")
botswana = forensics.listing_of("Loxodonta africana", population="Botswana")
print(gabon.appendices, botswana.appendices)

# %% [markdown]
# So origin decides cases. It also tells where animals are being killed. Which evidence says where an elephant lived?
# Try the one you know. The tusk of lesson 1 is real: its DNA is that of an elephant of Botswana.

# %%
tusk = forensics.identify(training.exhibits()["tusk"])
tusk

# %% [markdown]
# **Question 4.2.** What does this result say about the place where the elephant lived?
#
# - **a** Botswana, for the nearest record of the library is of an elephant from there.
# - **b** Southern Africa, for the savannah elephant lives there.
# - **c** Nothing. It names a genus; the species is not settled, and no place was compared.

# %%
answer = None  # "a", "b" or "c"
training.check("4.2", answer)

# %% [markdown]
# ## 2. Twelve tusks
#
# A place needs other evidence: **genotypes** at many loci, compared with those of animals whose origin is known, the
# **reference**. No genotypes of elephants come with this program. So the animals from here on are **simulated**: none of
# them ever lived. Their sites lie in countries of West and Central Africa, and what you do with them is what you would
# do with real ones.
#
# Twelve tusks were seized together. The reference has some 440 animals of 25 sites, with 16 loci each. None of the
# twelve is among them. (The cell at the top trained a model on the reference, and measured how well it does.)
#
# **Question 4.3.** For each tusk you get a region that holds its origin with a probability of 95 %. How large will
# such a region be?
#
# - **a** Like a national park: some 10,000 km².
# - **b** Like Cameroon: some 500,000 km².
# - **c** Like several countries together: some millions of km².

# %%
answer = None  # "a", "b" or "c"
training.check("4.3", answer)

# %%
results = origin.assign_with(model, tusks)
columns = ["sample", "status", "origin", "probability", "region_km2"]
results.to_frame()[columns].round(3)

# %% [markdown]
# A region is *named* where its probability reaches 0.95. Here there are two that may be named, West Africa and Nigeria
# to Gabon and Congo. For some tusks none is named.
#
# **Question 4.4.** For how many of the twelve tusks is a region named?

# %%
answer = None  # a number
training.check("4.4", answer)

# %% [markdown]
# Look at one of them. The cross is the middle of the probability, the lines are regions of 50, 90 and 95 %, the blue
# dots are sites of the reference. Outside the dotted border no place was taken as possible.

# %%
sites = origin.sites_on_map(model)
axes = training.enlarge(results[7].plot(sites=sites))

# %% [markdown]
# **Question 4.5.** What goes into the report?
#
# - **a** "The elephant was killed at the cross: 10.8° N, 20.0° E."
# - **b** "Of the regions of the reference, Nigeria to Gabon and Congo is supported, with this probability; origins
#   outside the reference were not compared."
# - **c** "The elephant is from Chad."

# %%
answer = None  # "a", "b" or "c"
training.check("4.5", answer)

# %% [markdown]
# The full result lists countries. The Democratic Republic of the Congo is *not assessable*.

# %%
results[7]

# %% [markdown]
# **Question 4.6.** Counsel asks: "So the Democratic Republic of the Congo is excluded?"
#
# - **a** Yes. No probability is given for it.
# - **b** No. The reference has no animal from there, so nothing can be said for it or against it.
# - **c** No. It has the same probability as the other countries.

# %%
answer = None  # "a", "b" or "c"
training.check("4.6", answer)

# %% [markdown]
# ## 3. The envelope
#
# An investigation has found where the twelve elephants lived. Before you open the envelope: every region was named
# with a probability above 0.97, and on animals of sites that were left out 98 of 100 such names were right.
#
# **Question 4.7.** Do these 98 of 100 hold for the twelve tusks?
#
# - **a** Yes: it was measured, and measured well.
# - **b** Only for tusks of animals that lived in one of the regions of the reference.
# - **c** No: such figures are always too high.

# %%
answer = None  # "a", "b" or "c"
training.check("4.7", answer)

# %%
opened = results.to_frame()[["sample", "origin", "probability"]].round(3)
opened.assign(lived_in=tusks.populations)

# %% [markdown]
# ## The picture to remember

# %%
axes = training.enlarge(results[7].plot(sites=sites))
star = axes.plot(tusks.longitudes[7], tusks.latitudes[7], "b*", markersize=22, zorder=20)

# %% [markdown]
# The star is where the animal lived. The answer is sharp, the probability is 0.99, and it is wrong.
#
# **Question 4.8.** What went wrong with tusk T8?
#
# - **a** The computation: 0.99 should have been 0.5.
# - **b** The DNA: too few loci were read.
# - **c** The question: the right region was not offered, and the probabilities of those that were sum to one.

# %%
answer = None  # "a", "b" or "c"
training.check("4.8", answer)

# %% [markdown]
# There is a second test for this, the **exclusion**: would an animal of a site of the reference often have a genotype
# as unlikely as this one? It is printed as *Not excluded* with each result, with the share of animals from elsewhere
# that it notices: here 3 of 100. Of the six tusks from Eastern Congo it noticed one, T7. So "not excluded" is weak support, and the report must say which places the reference
# has.
#
# ## Take home
#
# 1. A probability of origin answers "which of these?", and never "one of these?".
# 2. The region and its reference go into the report, not the cross on the map.
# 3. A country without reference animals is not excluded: it was not compared.
#
# ## Your task
#
# Do the twelve tusks come from one place? Predict it, then run `origin.place_together(model, tusks)`, and
# say in one sentence what it cannot know. Methods, figures and limits are in `docs/origin.md` and
# `docs/origin-maps.md`.
